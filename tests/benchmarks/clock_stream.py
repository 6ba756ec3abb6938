"""A topic full of what deadlines says of intake's cases, and an intake that knows the cases."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import msgspec
from aiokafka import AIOKafkaProducer

from shared.events.deadlines import ClockStarted
from shared.events.envelope import Headers, new_event_id, to_kafka_headers
from tests.benchmarks.servers import Servers
from tests.messaging.bus_reading import make_topic

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
AREA = "S12000047"
PARTITIONS = 6

_CASES = """
INSERT INTO notifications (id, reference, kind, area, status, occurred_at, aware_at, received_at,
                           version, sent_by, personal)
SELECT 'case-' || n, 'SN-' || n, 'death-looked-after-child', $2, 'received', $3, $3, $3, 1, 'x', ''
FROM generate_series(0, $1::int - 1) n
"""


@dataclass(frozen=True, slots=True)
class ClockStream:
    """`events` events of `cases` cases on `topic`; `database` is copied for every contender."""

    servers: Servers
    topic: str
    database: str
    events: int
    cases: int

    @property
    def bootstrap(self) -> str:
        """Where the topic is read."""
        return self.servers.kafka.bootstrap

    def fresh_database(self) -> str:
        """A new intake that knows the cases, and of their clocks nothing."""
        name = f"intake_{uuid4().hex[:12]}"
        return self.servers.postgres.create_database(name, template=self.database)

    def drop(self, url: str) -> None:
        """Take a database away again."""
        self.servers.postgres.drop_database(url.rpartition("/")[2])


async def clock_stream(servers: Servers, events: int, cases: int) -> ClockStream:
    """Write it all; about ten events a case, as a case has clocks."""
    url = servers.postgres.fresh_database("intake")
    connection = await asyncpg.connect(url)
    await connection.execute(_CASES, cases, AREA, AT)
    await connection.execute("ANALYZE notifications")
    await connection.close()
    return await another_topic(ClockStream(servers, "", url.rpartition("/")[2], events, cases))


async def another_topic(stream: ClockStream) -> ClockStream:
    """As many new events of the same cases."""
    topic = f"bench.clocks.{uuid4().hex[:12]}"
    await make_topic(stream.bootstrap, topic, PARTITIONS)
    await _fill(stream.bootstrap, topic, stream.events, stream.cases)
    return replace(stream, topic=topic)


async def _fill(bootstrap: str, topic: str, events: int, cases: int) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, linger_ms=5, max_batch_size=200_000)
    await producer.start()
    sent = [await _send(producer, topic, number, number % cases) for number in range(events)]
    await asyncio.gather(*sent)
    await producer.stop()


async def _send(
    producer: AIOKafkaProducer, topic: str, number: int, case: int
) -> asyncio.Future[object]:
    key = f"case-{case}"
    body = ClockStarted(
        reference=f"SN-{case}", area=AREA, clock=str(uuid4()), rule="lac-report-28d", version="1",
        obligation="report", governing=True, state="open", due_at=AT, due_on=AT.date(),
    )  # fmt: skip
    headers = Headers(
        id=new_event_id(), type=ClockStarted.TYPE, source="deadlines", subject=f"SN-{case}",
        key=key, sequence=number, time=AT, traceparent=f"00-{uuid4().hex}-{uuid4().hex[:16]}-01",
    )  # fmt: skip
    encoded = to_kafka_headers(headers)
    value = msgspec.json.encode(body)
    return await producer.send(topic, value, key=key.encode(), headers=encoded)
