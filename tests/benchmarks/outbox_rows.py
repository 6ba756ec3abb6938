"""An outbox full of events that wait to be sent, copied for every contender."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import uuid4

import asyncpg

from tests.benchmarks.servers import Servers
from tests.messaging.bus_reading import make_topic

PARTITIONS = 6

# As deadlines writes them: ten events a case, each with the trace it was born in. Which shard a
# key has does not matter here, only that a key has always the same.
_ROWS = """
INSERT INTO outbox (event_id, shard, topic, key, sequence, type, subject, body, traceparent)
SELECT gen_random_uuid()::text, (n % $3) % 16, $2, 'case-' || n % $3, n / $3,
       'scot.scrutiny.clock.started.v1', 'SN-' || n % $3,
       convert_to(jsonb_build_object('reference', 'SN-' || n % $3, 'area', 'S12000047',
           'clock', gen_random_uuid(), 'rule', 'lac-report-28d', 'version', '1',
           'obligation', 'report', 'governing', true, 'state', 'open',
           'due_at', '2026-03-02T09:00:00Z', 'due_on', '2026-03-02')::text, 'UTF8'),
       '00-' || replace(gen_random_uuid()::text, '-', '') || '-00f067aa0ba902b7-01'
FROM generate_series(0, $1::int - 1) n
"""


@dataclass(frozen=True, slots=True)
class OutboxRows:
    """`events` unsent rows in a database to be copied."""

    servers: Servers
    database: str
    events: int

    @property
    def bootstrap(self) -> str:
        """The bus they go to."""
        return self.servers.kafka.bootstrap

    async def fresh_topic(self) -> str:
        """An empty topic for one contender."""
        topic = f"bench.relay.{uuid4().hex[:12]}"
        await make_topic(self.bootstrap, topic, PARTITIONS)
        return topic

    async def relayed(self, relay: Callable[["OutboxRows", str, str], Awaitable[float]]) -> float:
        """Events a second of a relay, on a copy of the rows and a topic of its own."""
        topic = await self.fresh_topic()
        postgres = self.servers.postgres
        url = postgres.create_database(f"relay_{uuid4().hex[:12]}", template=self.database)
        connection = await asyncpg.connect(url)
        await connection.execute("UPDATE outbox SET topic = $1", topic)
        await connection.execute("VACUUM ANALYZE outbox")
        await connection.close()
        try:
            return await relay(self, url, topic)
        finally:
            postgres.drop_database(url.rpartition("/")[2])


async def outbox_rows(servers: Servers, events: int) -> OutboxRows:
    """Write them."""
    url = servers.postgres.fresh_database("deadlines")
    await write_rows(url, events, "none")
    return OutboxRows(servers, url.rpartition("/")[2], events)


async def write_rows(url: str, events: int, topic: str) -> None:
    """Unsent events for a topic, ten of each key."""
    connection = await asyncpg.connect(url)
    await connection.execute(_ROWS, events, topic, max(1, events // 10))
    await connection.close()
