"""The timer that tells of what time alone has changed."""

import asyncio

from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.use_cases.sweep_due_clocks import sweep_due_clocks
from shared.clock import Clock
from shared.transaction import Transactions

BATCH = 250
# While the database writes what one batch came to, the next one is counted.
LANES = 2


class Sweeper:
    """Acts on every case whose time has come, in batches; nothing due costs one look-up."""

    def __init__(self, transactions: Transactions, rulebook: Rulebook, clock: Clock) -> None:
        self._transactions = transactions
        self._rulebook = rulebook
        self._clock = clock

    async def sweep(self) -> int:
        """Everything due now; answers how many cases there were."""
        done = await self._batch()
        if done < BATCH:
            return done
        async with asyncio.TaskGroup() as group:
            lanes = [group.create_task(self._lane()) for _ in range(LANES)]
        return done + sum(lane.result() for lane in lanes)

    async def _lane(self) -> int:
        done = 0
        while batch := await self._batch():
            done += batch
        return done

    async def _batch(self) -> int:
        async with self._transactions.begin() as tx:
            return await sweep_due_clocks(tx, self._rulebook, self._clock(), BATCH)
