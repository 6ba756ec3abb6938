"""Offsets follow effects: committed on the bus while the next batch is being taken already."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError

from shared.messaging.backoff import Backoff
from shared.messaging.broker import Batch
from shared.messaging.bus import within
from shared.messaging.offsets import next_offsets

COMMIT_SECONDS = 5.0

log = structlog.get_logger()


class OffsetCommits:
    """One commit at a time; what takes effect meanwhile goes with the next.

    Not committed is only read again, and the inbox knows it.
    """

    def __init__(self, require_same_bus: Callable[[], Awaitable[None]]) -> None:
        self._require_same_bus = require_same_bus
        self._due: dict[TopicPartition, int] = {}
        self._task: asyncio.Task[None] | None = None

    def add(self, batch: Batch) -> None:
        """All of this batch has taken effect or is parked."""
        self._due |= next_offsets(batch)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(batch.consumer), name="offset-commits")

    async def end(self, seconds: float) -> None:
        """Commit what is due, if that is quick."""
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=seconds)
            self._task.cancel()

    async def _run(self, consumer: Any) -> None:
        backoff = Backoff()
        while self._due:
            due, self._due = self._due, {}
            try:
                await self._commit(consumer, due)
                backoff.reset()
            except Exception as error:  # noqa: BLE001 - tried again for as long as anybody listens
                log.warning("listener.offsets-not-committed", error=type(error).__name__)
                self._due = due | self._due
                await backoff.sleep()

    async def _commit(self, consumer: Any, due: Mapping[TopicPartition, int]) -> None:
        mine = consumer.assignment()
        offsets = {one: offset for one, offset in due.items() if one in mine}
        if offsets:
            _try_once_as(_membership(consumer), consumer)
            await self._require_same_bus()
            await within(COMMIT_SECONDS, consumer.commit(offsets))


# aiokafka tries again until a broker takes the offsets: in the end that of a new, empty bus, which
# it has joined meanwhile, and on which they mean records that nobody has read. A membership is
# known to one bus alone, and this one was there before the bus was asked which it is.
def _try_once_as(membership: tuple[str, int], consumer: Any) -> None:
    coordinator = consumer._coordinator  # noqa: SLF001

    async def commit_offsets(assignment: Any, offsets: Any) -> None:
        _, generation = membership
        if generation < 0 or _membership(consumer) != membership:
            raise CommitFailedError("this is not the group in which they were read")
        await asyncio.shield(coordinator._do_commit_offsets(assignment, offsets))  # noqa: SLF001

    coordinator.commit_offsets = commit_offsets


def _membership(consumer: Any) -> tuple[str, int]:
    coordinator = consumer._coordinator  # noqa: SLF001
    return coordinator.member_id, coordinator.generation
