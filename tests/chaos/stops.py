"""Stops services in order while they are at work, and looks at what each stop left behind."""

import asyncio
import random
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from deploy.local.probe import is_ready
from deploy.local.spawner import Running
from shared.messaging.broker import MAX_RECORDS
from shared.messaging.delivery import RawRecord, delivery_id
from tests.chaos.battle import Battle
from tests.chaos.bus_extract import Bus
from tests.chaos.checker import Finding
from tests.chaos.ground import ATTACKED
from tests.chaos.killing import Orders
from tests.chaos.settling import unread
from tests.system.partner import INBOUND

STOP_SECONDS = 30.0
# So many requests are answered between two stops.
REQUESTS_BETWEEN = 40
WAIT_SECONDS = 60.0
_LEFT = """SELECT (SELECT count(*) FROM relay_shards WHERE owner LIKE $1)
                + (SELECT count(*) FROM relay_members WHERE owner LIKE $1)
                + (SELECT count(*) FROM worker_state WHERE owner LIKE $1)"""
_KNOWN = "SELECT count(*) FROM inbox WHERE message_id = ANY($1)"


@dataclass(frozen=True)
class Stop:
    """How one stop went; `again` counts messages that had taken effect and are delivered again."""

    service: str
    code: int
    seconds: float
    again: int
    left: int

    def findings(self) -> Iterator[Finding]:
        """What is wrong with it."""
        if self.code:
            yield "did not stop in order", f"{self.service} ended with {self.code}"
        if self.seconds > STOP_SECONDS:
            yield "took too long to stop", f"{self.service} {self.seconds:.1f} s"
        if self.again > MAX_RECORDS:
            yield "more than the batch in hand delivered again", f"{self.service} {self.again}"
        if self.left:
            yield "left leases or a place behind", f"{self.service} {self.left}"


class Stopper:
    """Runs the services, stops one or the other, and starts it again."""

    def __init__(self, battle: Battle, variant: str | None = None) -> None:
        self._battle = battle
        self._ground = battle.ground
        self._chance = random.Random(battle.seed)
        mark = str(self._ground.folder / "stopped")
        self._orders = Orders(mark, variant=variant)
        self._running: dict[str, Running] = {}

    async def start(self) -> None:
        """Both."""
        for service in ATTACKED:
            self._running[service] = await self._ground.spawn(service, self._orders)

    async def end(self) -> list[Stop]:
        """Both, for good."""
        return [await self._stopped(service) for service in ATTACKED]

    async def next(self) -> Stop:
        """Wait until there was work, stop one of them in the middle of it, start it again.

        The load only trickles until it is back, or mails would be owed for hours in the end.
        """
        service = self._chance.choice(ATTACKED)
        await self._started(service)
        self._load_trickles(False)
        await self._worked()
        stop = await self._stopped(service)
        self._load_trickles(True)
        self._running[service] = await self._ground.spawn(service, self._orders)
        return stop

    def _load_trickles(self, slow: bool) -> None:
        if self._battle.notifiers is not None:
            self._battle.notifiers.slow = slow

    async def _worked(self) -> None:
        ledger, deadline = self._battle.ledger, time.monotonic() + WAIT_SECONDS
        enough = ledger.requests + REQUESTS_BETWEEN
        while ledger.requests < enough:
            assert time.monotonic() < deadline, "no request is answered any more"
            await asyncio.sleep(0.02)
        await asyncio.sleep(self._chance.uniform(0, 0.5))

    async def _started(self, service: str) -> None:
        port, deadline = self._ground.system.ports.of(service), time.monotonic() + WAIT_SECONDS
        while not await is_ready(port):
            assert time.monotonic() < deadline, f"{service} does not become ready"
            await asyncio.sleep(0.05)

    async def _stopped(self, service: str) -> Stop:
        running, began = self._running[service], time.monotonic()
        self._ground.send(running, signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_SECONDS + 10):
                code = await running.ended()
        except TimeoutError:
            self._ground.send(running, signal.SIGKILL)
            code = await running.ended()
        seconds = time.monotonic() - began
        left = (await self._ground.rows(service, _LEFT, f"%-{running.pid}-%"))[0][0]
        return Stop(service, code, seconds, await self._again(service), left)

    async def _again(self, service: str) -> int:
        """Of the messages that will be delivered next, those that took effect before."""
        starts = await unread(self._ground, service)
        ids = await asyncio.to_thread(self._ids_from, starts)
        return (await self._ground.rows(service, _KNOWN, ids))[0][0]

    def _ids_from(self, starts: dict[tuple[str, int], int]) -> list[str]:
        bus = Bus(self._ground.system.bootstrap)
        ends = bus.ends({topic for topic, _ in starts})
        wanted = {place: ends[place] for place in starts}
        return [_message_id(record) for record in bus.between(starts, wanted)]


def _message_id(record: Any) -> str:
    if record.topic() != INBOUND:
        return dict(record.headers())["ce_id"].decode()
    place = (record.topic(), record.partition(), record.offset(), record.timestamp()[1])
    return delivery_id(RawRecord(*place, record.key(), [], b""))
