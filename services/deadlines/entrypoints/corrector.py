"""The timers that bring new calendars to this process, and open clocks on to new calendars."""

import asyncio

from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.storage.calendars import read_newest
from services.deadlines.use_cases.carry_through_correction import carry_through_correction
from shared.clock import Clock
from shared.transaction import Transactions

# So long a preview may still count by the calendars that were in force before.
CALENDAR_SECONDS = 1.0
# Cases a transaction: so long nobody else can tell anything about one of them.
BATCH = 500
# While the database writes what one batch came to, the next one is counted.
LANES = 2


class Corrector:
    """Carries through every correction that is owed; nothing owed costs two look-ups."""

    def __init__(
        self, transactions: Transactions, rulebook: Rulebook, clock: Clock, batch: int = BATCH
    ) -> None:
        self._transactions = transactions
        self._rulebook = rulebook
        self._clock = clock
        self._batch = batch

    async def carry_through(self) -> None:
        """All of it, a batch a transaction."""
        if await self._one():
            async with asyncio.TaskGroup() as group:
                for _ in range(LANES):
                    group.create_task(self._lane())

    async def read(self) -> None:
        """Bring the shelf of this process up to the version in force."""
        async with self._transactions.begin() as tx:
            await read_newest(tx.session, self._rulebook.shelf)

    async def _lane(self) -> None:
        while await self._one():
            pass

    async def _one(self) -> bool:
        async with self._transactions.begin() as tx:
            now = self._clock()
            return await carry_through_correction(tx, self._rulebook, now, self._batch)
