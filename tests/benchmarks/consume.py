"""Events consumed with their effect committed: intake's timeline, next to a loop by hand."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import uuid4

from pydantic import SecretStr

from services.intake.core import intake_core
from services.intake.settings import Settings
from shared.messaging.delivery import Delivery
from shared.messaging.inbox import Consumer
from shared.messaging.listener import Listener
from tests.access_kit import service_settings
from tests.benchmarks.clock_stream import ClockStream, clock_stream
from tests.benchmarks.effort import Effort
from tests.benchmarks.raw_consumer import consume_raw
from tests.benchmarks.results import Goal, Result, result
from tests.benchmarks.rounds import interleaved, ratio
from tests.benchmarks.servers import Servers


class Watched:
    """A consumer's `take`, with the time of the first and of the last event."""

    def __init__(self, consumer: Consumer, events: int, one_by_one: bool) -> None:
        self._take, self._left, self._one_by_one = consumer.take, events, one_by_one
        self._events = events
        self._begun: float | None = None
        self.rate: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        consumer.take = self.take

    async def take(self, deliveries: Sequence[Delivery]) -> None:
        """As the consumer does, in whole batches or one by one."""
        self._begun = self._begun or time.perf_counter()
        for part in [[one] for one in deliveries] if self._one_by_one else [deliveries]:
            await self._take(part)
        self._left -= len(deliveries)
        if self._left <= 0 and not self.rate.done():
            self.rate.set_result(self._events / (time.perf_counter() - self._begun))


async def consume_ours(
    stream: ClockStream, url: str, group: str, one_by_one: bool = False
) -> float:
    """Every event takes effect in intake; answers events a second, from the first one read."""
    settings = service_settings(
        Settings, service=group, database_url=SecretStr(url), kafka_bootstrap=stream.bootstrap
    )
    core = intake_core(settings)
    core.consumer.topics[:] = [stream.topic]
    watched = Watched(core.consumer, stream.events, one_by_one)
    listener = Listener(settings, core.consumer)
    await listener.start()
    try:
        async with asyncio.timeout(300):
            return await watched.rate
    finally:
        await listener.stop()
        await core.database.dispose()


async def measure(effort: Effort, servers: Servers) -> Result:
    """Batches by hand, batches of ours, and ours message by message, on the same stream."""
    many = await clock_stream(servers, effort.of(60, 30_000), effort.of(20, 3_000))
    few = await clock_stream(servers, effort.of(30, 2_000), effort.of(10, 200))
    contenders = {
        "raw": lambda: _run(many, consume_raw),
        "batched": lambda: _run(many, consume_ours),
        "per message": lambda: _run(few, consume_ours, one_by_one=True),
    }
    found = await interleaved(contenders, effort.rounds)
    part = ratio(found["batched"], found["raw"])
    times = ratio(found["batched"], found["per message"])
    return result(
        "consume",
        "events consumed with inbox row and timeline line committed, by one consumer",
        goals=[
            Goal("batched, as a part of raw aiokafka and asyncpg", part.median, at_least=0.25),
            Goal("batched, as a multiple of our path per message", times.median, at_least=10),
        ],
        figures=found | {"of raw": part, "of per message": times},
        rounds=effort.rounds,
    )


async def _run(
    stream: ClockStream, consume: Callable[..., Awaitable[float]], **options: Any
) -> float:
    url = stream.fresh_database()
    try:
        return await consume(stream, url, f"bench-{uuid4().hex[:12]}", **options)
    finally:
        stream.drop(url)
