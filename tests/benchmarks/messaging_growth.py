"""What consuming costs when years are stored: the same events, next to few rows and to many."""

import os
from uuid import uuid4

import asyncpg

from tests.benchmarks.clock_stream import ClockStream, another_topic, clock_stream
from tests.benchmarks.consume import consume_ours
from tests.benchmarks.effort import Effort
from tests.benchmarks.filling import in_haste, without_indexes
from tests.benchmarks.outbox_rows import OutboxRows, write_rows
from tests.benchmarks.relay import relay_ours
from tests.benchmarks.results import Goal, Result, result
from tests.benchmarks.rounds import interleaved, ratio
from tests.benchmarks.servers import Servers

TABLES = ["inbox", "happenings", "outbox"]
MANY = int(os.environ.get("SCRUTINY_BENCH_ROWS", "10000000"))

# Identifiers as they were given out over the last ninety days: sorted by time, as UUIDv7 are.
_INBOX = """
INSERT INTO inbox (message_id, applied_at)
SELECT left(at, 8) || '-' || right(at, 4) || '-7' || right(at, 3) || '-8000-' || at,
       now() - interval '90 days' * (1 - n::float / $1)
FROM generate_series(1, $1::int) n, to_hex(1774000000000 + n) hex, lpad(hex, 12, '0') at
"""
_LINES = """
INSERT INTO happenings (notification_id, at, service, what, text, facts)
SELECT 'case-' || n % $2, now(), 'deadlines', 'clock.started', 'A clock started.', '{}'
FROM generate_series(1, $1::int) n
"""
_SENT = """
INSERT INTO outbox (event_id, shard, topic, key, sequence, type, subject, body, sent_at)
SELECT 'event-' || n, n % 16, 'sent', 'case-' || n % 1000, n, 'sent', 'SN', '{}', now()
FROM generate_series(1, $1::int) n
"""


async def stored(stream: ClockStream, rows: int) -> str:
    """An intake with so many rows in its inbox, in its timelines and, sent, in its outbox."""
    url = stream.fresh_database()
    connection = await asyncpg.connect(url)
    # The cases of the lines are there: asking for each again would take longer than all the rest.
    await connection.execute("SET session_replication_role = replica")
    async with in_haste(connection), without_indexes(connection, TABLES):
        await connection.execute(_INBOX, rows)
        await connection.execute(_LINES, rows, stream.cases)
        await connection.execute(_SENT, rows)
    await connection.execute("VACUUM ANALYZE")
    await connection.execute("CHECKPOINT")
    await connection.close()
    return url


async def consumed(stream: ClockStream, url: str) -> float:
    """Events a second of intake on that database, all of them new to it."""
    return await consume_ours(await another_topic(stream), url, f"bench-{uuid4().hex[:12]}")


async def relayed(stream: ClockStream, url: str) -> float:
    """Events a second of a relay on that database, after as many were written."""
    rows = OutboxRows(stream.servers, "", stream.events)
    topic = await rows.fresh_topic()
    await write_rows(url, stream.events, topic)
    return await relay_ours(rows, url, topic)


async def measure(effort: Effort, servers: Servers) -> Result:
    """Both on the same databases in every round: what a round adds is little next to what is."""
    stream = await clock_stream(servers, effort.of(60, 20_000), effort.of(20, 2_000))
    few = await stored(stream, effort.of(100, 10_000))
    many = await stored(stream, effort.of(1_000, MANY))
    try:
        found = await interleaved(
            {
                "consuming among few": lambda: consumed(stream, few),
                "consuming among many": lambda: consumed(stream, many),
                "relaying among few": lambda: relayed(stream, few),
                "relaying among many": lambda: relayed(stream, many),
            },
            effort.rounds,
        )
    finally:
        for url in (few, many):
            stream.drop(url)
    consuming = ratio(found["consuming among many"], found["consuming among few"])
    relaying = ratio(found["relaying among many"], found["relaying among few"])
    return result(
        "messaging_growth",
        f"consuming and relaying among 10,000 and among {MANY:,} stored rows a table",
        goals=[
            Goal("consuming among many, as a part of among few", consuming.median, at_least=0.9),
            Goal("relaying among many, as a part of among few", relaying.median, at_least=0.9),
        ],
        figures=found,
        rounds=effort.rounds,
    )
