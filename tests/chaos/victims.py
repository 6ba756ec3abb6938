"""Keeps the attacked services running, each process under orders to die at a point."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from deploy.local.spawner import Running
from tests.chaos.ground import ATTACKED, Ground
from tests.chaos.kill_points import POINTS
from tests.chaos.killing import Orders

# A process that has not come to its point by then dies where it is, and is not counted.
PATIENCE_SECONDS = 60.0
STOP_SECONDS = 30.0
MOST_CROSSINGS = 12


class Victims:
    """Kills until `kills` have been done at `points`, taken in turn in an order of chance."""

    def __init__(
        self,
        ground: Ground,
        seed: int,
        *,
        kills: int = 0,
        points: Sequence[str] = tuple(POINTS),
        variant: str | None = None,
    ) -> None:
        self._ground = ground
        self._chance = random.Random(seed)
        self._kills = kills
        self._variant = variant
        self._turns = self._in_turn(points)
        # Points that a process did not come to; the next one dies at the first crossing.
        self._missed: list[str] = []
        self._running: dict[str, Running] = {}
        self._keepers: list[asyncio.Task[None]] = []
        # Processes that ended in a way that nobody ordered.
        self.unordered: list[str] = []

    async def start(self) -> None:
        """All of them, and from now on again whenever one has died."""
        self._keepers = [asyncio.create_task(self._keep(service)) for service in ATTACKED]

    async def stop(self) -> None:
        """No more kills; whoever still runs stops in order."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        for service, running in self._running.items():
            await self._end(service, running)

    def check(self) -> None:
        """Raise what stopped a keeper, if anything did."""
        for keeper in self._keepers:
            if keeper.done():
                keeper.result()

    @property
    def killed(self) -> Counter[str]:
        """How often at which point, as the dying wrote it."""
        return sum((self.killed_of(service) for service in ATTACKED), Counter[str]())

    def killed_of(self, service: str) -> Counter[str]:
        """The same of one service."""
        mark = self._mark(service)
        return Counter(mark.read_text().splitlines() if mark.exists() else ())

    def forget(self) -> None:
        """Begin to count anew."""
        for service in ATTACKED:
            self._mark(service).unlink(missing_ok=True)

    @property
    def done(self) -> bool:
        """Whether enough have been killed."""
        return all(self._done(service) for service in ATTACKED)

    async def _keep(self, service: str) -> None:
        while True:
            orders = self._orders(service)
            running = self._running[service] = await self._ground.spawn(service, orders)
            try:
                patience = PATIENCE_SECONDS if orders.point else None
                async with asyncio.timeout(patience):
                    code = await running.ended()
            except TimeoutError:
                self._missed.append(orders.point or "")
                self._ground.send(running, signal.SIGKILL)
                code = await running.ended()
            if code != -signal.SIGKILL:
                self.unordered.append(f"{service} ended with {code}")
                await asyncio.sleep(1)

    async def _end(self, service: str, running: Running) -> None:
        self._ground.send(running, signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                code = await running.ended()
        except TimeoutError:
            self.unordered.append(f"{service} did not stop within {STOP_SECONDS:g} s")
            self._ground.send(running, signal.SIGKILL)
            return
        if code not in {0, -signal.SIGKILL}:
            self.unordered.append(f"{service} stopped with {code}")

    def _orders(self, service: str) -> Orders:
        mark = str(self._mark(service))
        if self._done(service):
            return Orders(mark, variant=self._variant)
        if self._missed:
            return Orders(mark, self._missed.pop(), variant=self._variant)
        point = next(self._turns)
        crossing = self._chance.randint(1, MOST_CROSSINGS)
        after = self._chance.uniform(0, 2)
        return Orders(mark, point, crossing, after, self._variant)

    def _done(self, service: str) -> bool:
        # Every service its share, however much slower one is than the other.
        return self.killed_of(service).total() * len(ATTACKED) >= self._kills

    def _in_turn(self, points: Sequence[str]) -> Iterator[str]:
        while True:
            yield from self._chance.sample(points, len(points))

    def _mark(self, service: str) -> Path:
        return self._ground.folder / f"{service}.killed"
