"""From the commit of an event to its effect in the next service, at a steady rate."""

import asyncio
import time
from collections.abc import Sequence
from statistics import median, quantiles
from uuid import uuid4

from pydantic import SecretStr

from services.deadlines.storage.tables import PLUMBING
from services.intake.core import intake_core
from services.intake.settings import Settings
from shared.database import Database
from shared.events.deadlines import ClockStarted
from shared.events.topics import Topic
from shared.messaging.bus import Bus
from shared.messaging.delivery import Delivery
from shared.messaging.listener import Listener
from shared.messaging.relay import Relay
from shared.transaction import Transactions
from tests.access_kit import service_settings
from tests.benchmarks.clock_stream import AREA, AT, ClockStream, clock_stream
from tests.benchmarks.effort import Effort
from tests.benchmarks.results import Goal, Result, result
from tests.benchmarks.rounds import Measured
from tests.benchmarks.servers import Servers

A_SECOND = 500
WRITERS = 8


class Journey:
    """Deadlines' outbox and relay, Kafka, and intake's listener; who committed what when."""

    def __init__(self, stream: ClockStream, theirs: str, ours: str) -> None:
        self._topic = Topic(stream.topic, "deadlines", ("intake",), (ClockStarted,))
        self._database, self._cases = Database(theirs), stream.cases
        self._transactions = Transactions(self._database, PLUMBING, "deadlines")
        settings = service_settings(
            Settings, service=f"bench-{uuid4().hex[:12]}", database_url=SecretStr(ours),
            kafka_bootstrap=stream.bootstrap,
        )  # fmt: skip
        self._core = intake_core(settings)
        self._core.consumer.topics[:] = [stream.topic]
        self._take, self._core.consumer.take = self._core.consumer.take, self._taken
        self._relay = Relay("deadlines", self._database, Bus(stream.bootstrap))
        self._listener = Listener(settings, self._core.consumer)
        self.committed: dict[str, float] = {}
        self.took_effect: dict[str, float] = {}

    async def start(self) -> None:
        """Begin, and wait until a first event has come through."""
        await self._relay.start()
        await self._listener.start()
        await self.write_one(0)
        await self.all_arrived()

    async def write_one(self, number: int) -> None:
        """An event of some case, in a transaction of its own."""
        case = number % self._cases
        event = ClockStarted(
            reference=f"SN-{case}", area=AREA, clock=str(uuid4()), rule="lac-report-28d",
            version="1", obligation="report", governing=True, state="open", due_at=AT,
        )  # fmt: skip
        async with self._transactions.begin() as tx:
            made = await tx.publish(
                event, subject=f"SN-{case}", key=f"case-{case}", sequence=number, topic=self._topic
            )
        self.committed[made] = time.perf_counter()

    async def all_arrived(self) -> None:
        """Wait for the effect of everything written."""
        async with asyncio.timeout(60):
            while not self.committed or self.committed.keys() - self.took_effect.keys():
                await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """End it all."""
        await self._listener.stop()
        await self._relay.stop()
        await self._database.dispose()
        await self._core.database.dispose()

    async def _taken(self, deliveries: Sequence[Delivery]) -> None:
        await self._take(deliveries)
        now = time.perf_counter()
        self.took_effect |= {delivery.id: now for delivery in deliveries}


async def steadily(journey: Journey, events: int) -> list[float]:
    """Write so many at the rate, whether or not earlier ones have arrived; milliseconds of each."""
    journey.committed.clear()
    numbers, begun = iter(range(1, events + 1)), time.perf_counter()

    async def write() -> None:
        for number in numbers:
            await asyncio.sleep(begun + number / A_SECOND - time.perf_counter())
            await journey.write_one(number)

    await asyncio.gather(*(write() for _ in range(WRITERS)))
    await journey.all_arrived()
    made = journey.committed.items()
    return [1000 * (journey.took_effect[event] - at) for event, at in made]


async def measure(effort: Effort, servers: Servers) -> Result:
    """Everything in one process, which is the worst place for it: all parts share one core."""
    stream = await clock_stream(servers, 0, 200)
    theirs, ours = servers.postgres.fresh_database("deadlines"), stream.fresh_database()
    journey = Journey(stream, theirs, ours)
    await journey.start()
    try:
        rounds = [
            await steadily(journey, effort.of(50, 20 * A_SECOND)) for _ in range(effort.rounds)
        ]
    finally:
        await journey.stop()
        for url in (theirs, ours):
            stream.drop(url)
    p50 = Measured.of([median(one) for one in rounds])
    p99 = Measured.of([quantiles(one, n=100)[98] for one in rounds])
    return result(
        "latency",
        f"commit in one service to effect committed in the next, {A_SECOND} events a second",
        goals=[Goal("p99 milliseconds", p99.median, at_most=100)],
        figures={"p50 ms": p50, "p99 ms": p99, "worst ms": Measured.of([*map(max, rounds)])},
        rounds=effort.rounds,
    )
