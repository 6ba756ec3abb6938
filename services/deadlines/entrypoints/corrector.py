"""The timers that bring new calendars to this process, and open clocks on to new calendars."""

import asyncio
from datetime import datetime

from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.entrypoints.case_by_case import CaseByCase
from services.deadlines.storage.calendar_tables import CorrectionRow
from services.deadlines.storage.calendars import read_newest
from services.deadlines.storage.lone_cases import Lone
from services.deadlines.use_cases.carry_through_correction import (
    carry_correction_alone,
    carry_through_correction,
    end_correction,
    take_correction_apart,
)
from shared.clock import Clock
from shared.transaction import Transaction, Transactions

# So long a preview may still count by the calendars that were in force before.
CALENDAR_SECONDS = 1.0
# Cases a transaction: so long nobody else can tell anything about one of them.
BATCH = 500
# While the database writes what one batch came to, the next one is counted.
LANES = 2


class Corrector(CaseByCase):
    """Carries through every correction that is owed."""

    changes = CorrectionRow

    def __init__(
        self, transactions: Transactions, rulebook: Rulebook, clock: Clock, size: int = BATCH
    ) -> None:
        super().__init__(transactions, rulebook, clock)
        self._size = size

    async def carry_through(self) -> None:
        """All of it, in several lanes."""
        if await self.step():
            async with asyncio.TaskGroup() as group:
                for _ in range(LANES):
                    group.create_task(super().carry_through())

    async def read(self) -> None:
        """Bring the shelf of this process up to the version in force."""
        async with self.transactions.begin() as tx:
            await read_newest(tx.session, self.rulebook.shelf)

    async def batch(self, tx: Transaction, now: datetime) -> bool:
        """The next cases of one part."""
        return await carry_through_correction(tx, self.rulebook, now, self._size)

    async def take_apart(self, tx: Transaction, now: datetime) -> None:
        """The same cases, each owed by itself."""
        await take_correction_apart(tx, self.rulebook, now, self._size)

    async def alone(self, tx: Transaction, lone: Lone, now: datetime) -> None:
        """One of those."""
        await carry_correction_alone(tx, self.rulebook, lone, now)

    async def end(self, tx: Transaction, now: datetime) -> bool:
        """One of which every case is done."""
        return await end_correction(tx, now)
