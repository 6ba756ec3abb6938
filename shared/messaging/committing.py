"""Offsets follow effects: committed on the bus while the next batch is being taken already."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiokafka import TopicPartition

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
        while self._due:
            due, self._due = self._due, {}
            try:
                await self._require_same_bus()
                mine = consumer.assignment()
                offsets = {one: offset for one, offset in due.items() if one in mine}
                await within(COMMIT_SECONDS, consumer.commit(offsets))
            except Exception as error:  # noqa: BLE001 - see above
                log.warning("listener.offsets-not-committed", error=type(error).__name__)
