"""Batches on their way: several at once, settled strictly in the order in which they were sent."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from shared.messaging.bus import BusAway, within

# A batch that is not acknowledged in time fails whole, so nothing overtakes within a key.
ACKNOWLEDGE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Sent:
    """One batch, and the work that ends when it is settled."""

    positions: Sequence[int]
    settling: "asyncio.Task[None]"


class Flight:
    """What a relay has handed over and not yet settled, oldest first.

    A batch is settled only after the one before it: if that failed, whatever came after it is sent
    again as well, so that a log with repeats is still in order. `on_failure` is called at once.
    """

    def __init__(self, on_failure: Callable[[], None]) -> None:
        self._on_failure = on_failure
        self._sent: deque[Sent] = deque()

    def __len__(self) -> int:
        return len(self._sent)

    def positions(self) -> list[int]:
        """Of every event that is on its way."""
        return [position for one in self._sent for position in one.positions]

    def add(
        self,
        positions: Sequence[int],
        acknowledged: "asyncio.Future[Any]",
        settle: Callable[[], Awaitable[object]],
    ) -> None:
        """One more is on its way; `settle` is called when it and all before it are there."""
        before = self._sent[-1].settling if self._sent else None
        task = asyncio.create_task(_settled(acknowledged, before, settle), name="relay-settling")
        self._sent.append(Sent(positions, task))
        task.add_done_callback(self._ended)

    async def at_most(self, number: int) -> None:
        """Return when no more than so many are on their way; raises what kept one from landing.

        Whoever is stopped while it waits leaves the settling as it is.
        """
        while self._sent and (len(self._sent) > number or self._sent[0].settling.done()):
            await asyncio.shield(self._sent[0].settling)
            self._sent.popleft()

    async def all(self) -> None:
        """Return when nothing is on its way any more."""
        await self.at_most(0)

    async def drop(self) -> None:
        """Settle nothing more; the outbox has it all."""
        dropped = [one.settling for one in self._sent]
        self._sent.clear()
        for task in dropped:
            task.cancel()
        if dropped:
            await asyncio.wait(dropped)

    def _ended(self, settling: "asyncio.Task[None]") -> None:
        if not settling.cancelled() and settling.exception() is not None:
            self._on_failure()


async def _settled(
    acknowledged: "asyncio.Future[Any]",
    before: "asyncio.Task[None] | None",
    settle: Callable[[], Awaitable[object]],
) -> None:
    await within(ACKNOWLEDGE_SECONDS, acknowledged)
    if before is not None:
        await asyncio.wait({before})
        if before.cancelled() or before.exception() is not None:
            raise BusAway("the batch before it was not settled")
    await settle()
