"""The timer that tells of what time alone has changed."""

import asyncio

import structlog

from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.storage.due_cases import ids_of_due
from services.deadlines.use_cases.sweep_due_clocks import set_aside_case, sweep_due_clocks
from shared.clock import Clock
from shared.database import is_collision
from shared.errors import Unavailable
from shared.transaction import Transactions

BATCH = 250
# While the database writes what one batch came to, the next one is counted.
LANES = 2

log = structlog.get_logger()


class Sweeper:
    """Acts on every case whose time has come, in batches; nothing due costs one look-up."""

    def __init__(self, transactions: Transactions, rulebook: Rulebook, clock: Clock) -> None:
        self._transactions = transactions
        self._rulebook = rulebook
        self._clock = clock

    async def sweep(self) -> int:
        """Everything due now; answers how many cases there were."""
        waiting = len(await self._waiting(BATCH + 1))
        if waiting <= BATCH:
            return await self._batch() if waiting else 0
        async with asyncio.TaskGroup() as group:
            lanes = [group.create_task(self._lane()) for _ in range(LANES)]
        return sum(lane.result() for lane in lanes)

    async def _lane(self) -> int:
        done = 0
        while batch := await self._batch():
            done += batch
        return done

    async def _batch(self) -> int:
        try:
            return await self._together(BATCH)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, one case of them is to blame
            log.warning("sweep.batch-failed", error=type(error).__name__)
            return await self._one_by_one()

    async def _waiting(self, limit: int) -> list[str]:
        async with self._transactions.begin() as tx:
            return await ids_of_due(tx.session, self._clock(), limit)

    async def _together(self, limit: int, only: str | None = None) -> int:
        async with self._transactions.begin() as tx:
            return await sweep_due_clocks(tx, self._rulebook, self._clock(), limit, only)

    async def _one_by_one(self) -> int:
        return sum([await self._alone(case) for case in await self._waiting(BATCH)])

    async def _alone(self, case: str) -> int:
        try:
            return await self._together(1, case)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - it is kept with the case
            # Two were in each other's way: the case is as sound as any, and next in the next sweep.
            return 0 if is_collision(error) else await self._set_aside(case, error)

    async def _set_aside(self, case: str, failure: Exception) -> int:
        try:
            async with self._transactions.begin() as tx:
                await set_aside_case(tx, case, failure, self._clock())
        except Unavailable:
            raise
        except Exception as error:
            log.exception("sweep.not-set-aside", case=case, error=type(error).__name__)
            return 0
        return 1
