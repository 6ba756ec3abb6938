"""The relay from the outbox to a real Kafka, next to a loop by hand and to `faststream-outbox`."""

import asyncio
import time

import asyncpg
from aiokafka import AIOKafkaProducer

from shared.database import Database
from shared.messaging.bus import Bus
from shared.messaging.relay import Relay
from tests.benchmarks.effort import Effort
from tests.benchmarks.other_relay import relay_by_faststream_outbox
from tests.benchmarks.outbox_rows import OutboxRows, outbox_rows
from tests.benchmarks.results import Goal, Result, result
from tests.benchmarks.rounds import interleaved, ratio
from tests.benchmarks.servers import Servers
from tests.messaging.bus_reading import first_times, numbers_per_key, records

_NEXT = """SELECT position, topic, key, body, event_id, type, subject, sequence, created_at,
                  traceparent FROM outbox WHERE sent_at IS NULL ORDER BY position LIMIT 500"""
_SENT = "UPDATE outbox SET sent_at = now() WHERE position = ANY($1)"


async def relay_ours(rows: OutboxRows, url: str, topic: str) -> float:
    """As every service's worker does; fails if any key's events are out of order."""
    database = Database(url)
    relay = Relay("deadlines", database, Bus(rows.bootstrap))
    connection = await asyncpg.connect(url)
    # Leases and the meeting of the bus happen once in the life of a process.
    while (await relay.state())["cluster"] is None:
        await relay.relay_once()
    begun = time.perf_counter()
    await relay.start()
    while await connection.fetchval("SELECT EXISTS (SELECT FROM outbox WHERE sent_at IS NULL)"):
        await asyncio.sleep(0.01)
    rate = rows.events / (time.perf_counter() - begun)
    await relay.stop()
    await database.dispose()
    await connection.close()
    await _require_order(rows, topic)
    return rate


async def _require_order(rows: OutboxRows, topic: str) -> None:
    found = numbers_per_key(await records(rows.bootstrap, topic))
    assert sum(len(numbers) for numbers in found.values()) == rows.events
    assert all(first_times(numbers) == sorted(numbers) for numbers in found.values())


async def relay_raw(rows: OutboxRows, url: str, topic: str) -> float:
    """By hand: a batch is read, sent with the fewest headers, waited for, and marked."""
    connection = await asyncpg.connect(url)
    producer = AIOKafkaProducer(
        bootstrap_servers=rows.bootstrap, enable_idempotence=True, max_batch_size=256 * 1024
    )
    await producer.start()
    begun = time.perf_counter()
    while batch := await connection.fetch(_NEXT):
        sent = [
            await producer.send(
                topic,
                row["body"],
                key=row["key"].encode(),
                headers=[("ce_id", row["event_id"].encode()), ("ce_type", row["type"].encode())],
            )
            for row in batch
        ]
        await asyncio.gather(*sent)
        await connection.execute(_SENT, [row["position"] for row in batch])
    rate = rows.events / (time.perf_counter() - begun)
    await producer.stop()
    await connection.close()
    return rate


async def measure(effort: Effort, servers: Servers) -> Result:
    """Each contender sends all of an outbox; ours in order, with every header and span context."""
    many = await outbox_rows(servers, effort.of(60, 50_000))
    few = await outbox_rows(servers, effort.of(20, 5_000))
    found = await interleaved(
        {
            "ours": lambda: many.relayed(relay_ours),
            "by hand": lambda: many.relayed(relay_raw),
            "faststream-outbox": lambda: few.relayed(relay_by_faststream_outbox),
        },
        effort.rounds,
    )
    times = ratio(found["ours"], found["faststream-outbox"])
    return result(
        "relay",
        "events sent from the outbox to Kafka by one relay, acknowledged, marked, in order per key",
        goals=[
            Goal("events a second", found["ours"].median, at_least=10_000),
            Goal("as a multiple of faststream-outbox", times.median, at_least=3),
        ],
        figures=found
        | {"of faststream-outbox": times, "of by hand": ratio(found["ours"], found["by hand"])},
        rounds=effort.rounds,
    )
