"""The timer that brings emergency regimes to the cases that have not heard of them yet."""

from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.use_cases.carry_through_regime import carry_through_regime
from shared.clock import Clock
from shared.transaction import Transactions

REGIME_SECONDS = 1.0


class RegimeCarrier:
    """Carries through every change of a regime that is owed; nothing owed costs one look-up."""

    def __init__(self, transactions: Transactions, rulebook: Rulebook, clock: Clock) -> None:
        self._transactions = transactions
        self._rulebook = rulebook
        self._clock = clock

    async def carry_through(self) -> None:
        """All of it, a batch a transaction."""
        while await self._one():
            pass

    async def _one(self) -> bool:
        async with self._transactions.begin() as tx:
            return await carry_through_regime(tx, self._rulebook, self._clock())
