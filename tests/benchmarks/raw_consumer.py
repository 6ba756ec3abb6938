"""The ceiling of consuming, written by hand: one transaction a batch, two statements in it."""

import time
from collections.abc import Sequence
from typing import Any

import asyncpg
import msgspec
from aiokafka import AIOKafkaConsumer

from shared.events.deadlines import ClockStarted
from shared.events.envelope import Instant
from tests.benchmarks.clock_stream import ClockStream

_INBOX = """INSERT INTO inbox (message_id) SELECT unnest($1::text[])
            ON CONFLICT DO NOTHING RETURNING message_id"""
_EFFECT = """INSERT INTO happenings (notification_id, at, service, what, text, facts, trace_id)
             SELECT notifications.id, given.at, given.service, 'clock.started', given.text,
                    given.facts::jsonb, given.trace_id
             FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::text[],
                         $6::text[]) AS given (reference, at, service, text, facts, trace_id)
             JOIN notifications ON notifications.reference = given.reference"""


async def consume_raw(stream: ClockStream, url: str, group: str, size: int = 500) -> float:
    """Every event of the stream takes effect; answers events a second, from the first one read."""
    connection = await asyncpg.connect(url)
    consumer = AIOKafkaConsumer(
        stream.topic, bootstrap_servers=stream.bootstrap, group_id=group,
        auto_offset_reset="earliest", enable_auto_commit=False,
    )  # fmt: skip
    await consumer.start()
    begun, done = None, 0
    while done < stream.events:
        found = await consumer.getmany(timeout_ms=1000, max_records=size)
        records = [record for batch in found.values() for record in batch]
        begun = begun or (time.perf_counter() if records else None)
        if records:
            await _apply(connection, records)
            await consumer.commit()
        done += len(records)
    taken = time.perf_counter() - (begun or 0)
    await consumer.stop()
    await connection.close()
    return stream.events / taken


async def _apply(connection: asyncpg.Connection, records: Sequence[Any]) -> None:
    found = [(dict(record.headers), record.value) for record in records]
    async with connection.transaction():
        ids = [headers["ce_id"].decode() for headers, _ in found]
        fresh = {row[0] for row in await connection.fetch(_INBOX, ids)}
        lines = [_line(*one) for one, id_ in zip(found, ids, strict=True) if id_ in fresh]
        await connection.execute(_EFFECT, *map(list, zip(*lines, strict=True)))


def _line(headers: dict[str, bytes], value: bytes) -> tuple[object, ...]:
    event = msgspec.json.decode(value, type=ClockStarted)
    at = msgspec.convert(headers["ce_time"].decode(), Instant)
    text = f"The clock {event.rule} for the {event.obligation} started; it is due {event.due_at}."
    trace_id = headers["traceparent"].decode().split("-")[1]
    source = headers["ce_source"].decode()
    return event.reference, at, source, text, value.decode(), trace_id
