"""Relays in processes of their own that are frozen past their lease, and woken again."""

import asyncio
import os
import random
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import psutil
from sqlalchemy import text

from tests.chaos.freezing_relay import HANDING_OVER, IN_TRANSACTION, SETTLING
from tests.messaging.ledger import Ledger, until

POINTS = {
    HANDING_OVER: "before handing over",
    SETTLING: "before settling",
    IN_TRANSACTION: "in a transaction",
    signal.SIGSTOP: "anywhere",
}
_OWNERS = text("SELECT shard, owner FROM relay_shards")


@dataclass
class Relays:
    """Several relays of one outbox, and what was done to them."""

    ledger: Ledger
    lease: float
    running: Sequence[Process]
    chance: random.Random
    frozen: Counter[str] = field(default_factory=Counter)

    async def freeze_one(self, *points: signal.Signals) -> None:
        """One relay sleeps past its lease, until others have its shards, and wakes again."""
        one, point = self.chance.choice(self.running), self.chance.choice(points or tuple(POINTS))
        one.send_signal(point)
        await until(lambda: _stopped(one), within=60, every=0.005)
        before = await self._shards_of(one)
        await asyncio.sleep(self.lease)
        await until(lambda: self._lost_all(one), within=60)
        # The heirs have sent what it had claimed, so that whatever it still sends comes late.
        await asyncio.sleep(self.chance.uniform(0.2, 0.6))
        one.send_signal(signal.SIGCONT)
        self.frozen[POINTS[point]] += 1
        self.frozen["shards taken over"] += before
        await until(lambda: self._has_some(one), within=60)

    async def _lost_all(self, one: Process) -> bool:
        return await self._shards_of(one) == 0

    async def _has_some(self, one: Process) -> bool:
        return await self._shards_of(one) > 0

    async def _shards_of(self, one: Process) -> int:
        """An owner is named after its host, its process and some chance."""
        async with self.ledger.database.engine.connect() as connection:
            rows = (await connection.execute(_OWNERS)).all()
        return sum((row.owner or "--").rsplit("-", 2)[1] == str(one.pid) for row in rows)


async def _stopped(one: Process) -> bool:
    return psutil.Process(one.pid).status() == psutil.STATUS_STOPPED


@asynccontextmanager
async def relays(
    ledger: Ledger, count: int, lease: float, seed: int, **environment: str
) -> AsyncIterator[Relays]:
    """So many relays, each with its share of the shards."""
    program = [sys.executable, "-m", "tests.chaos.freezing_relay"]
    told = [ledger.url, ledger.bootstrap, ledger.name, str(lease)]
    running = [
        await asyncio.create_subprocess_exec(
            *program, *told, stdout=PIPE, env=os.environ | environment
        )
        for _ in range(count)
    ]
    made = Relays(ledger, lease, running, random.Random(seed))
    try:
        for one in running:
            assert one.stdout is not None
            await one.stdout.readline()
        for one in running:
            await until(lambda one=one: made._has_some(one), within=60)
        yield made
    finally:
        for one in running:
            one.kill()
        await asyncio.gather(*(one.wait() for one in running))
