"""The timer that brings emergency regimes to the cases that have not heard of them yet."""

from datetime import datetime

from services.deadlines.entrypoints.case_by_case import CaseByCase
from services.deadlines.storage.act_tables import ReachRow
from services.deadlines.storage.lone_cases import Lone
from services.deadlines.use_cases.carry_through_regime import (
    carry_regime_alone,
    carry_through_regime,
    end_reach,
    take_reach_apart,
)
from shared.transaction import Transaction

REGIME_SECONDS = 1.0


class RegimeCarrier(CaseByCase):
    """Carries through every change of a regime that is owed."""

    changes = ReachRow

    async def batch(self, tx: Transaction, now: datetime) -> bool:
        """The next cases of one regime."""
        return await carry_through_regime(tx, self.rulebook, now)

    async def take_apart(self, tx: Transaction, now: datetime) -> None:
        """The same cases, each owed by itself."""
        await take_reach_apart(tx, now)

    async def alone(self, tx: Transaction, lone: Lone, now: datetime) -> None:
        """One of those."""
        await carry_regime_alone(tx, self.rulebook, lone, now)

    async def end(self, tx: Transaction, now: datetime) -> bool:
        """One of which every case is done."""
        return await end_reach(tx, now)
