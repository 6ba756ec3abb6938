"""Many notifications at once, with their timeline and their events: as if years had gone by."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg

from shared.areas import COUNCIL_AREAS

# As large as they are when they come in one by one.
_NOTIFICATIONS = """
    INSERT INTO notifications (id, reference, kind, area, status, occurred_at, aware_at,
        received_at, version, sent_by, record_key, personal)
    SELECT {id}, {reference}, 'death-looked-after-child', ($2::text[])[1 + n % $3],
        'received', {at}, {at}, {at}, 1, 'somebody', $4, $5
    FROM generate_series(1, $1) AS n
"""
_HAPPENINGS = """
    INSERT INTO happenings (notification_id, at, service, what, text, facts, trace_id)
    SELECT {id}, {at}, 'intake', 'notification.received',
        'The notification (Death of a looked-after child) was received over the web.',
        '{{"kind": "death-looked-after-child", "late_reason_given": true}}', repeat('a', 32)
    FROM generate_series(1, $1) AS n
"""
_EVENTS = """
    INSERT INTO outbox (event_id, shard, topic, key, sequence, type, subject, body, traceparent,
        created_at, sent_at)
    SELECT {id}, n % 16, 'intake.notifications.v1', {id}, 1,
        'scot.scrutiny.notification.received.v1', {reference}, $2, repeat('a', 55), {at}, {at}
    FROM generate_series(1, $1) AS n
"""
_PARTS = {
    # In the order of time, like the ids that intake gives.
    "id": "'01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0')",
    # All different, in no order.
    "reference": "'SS-2025-' || upper(lpad(to_hex(n * 2654435761 % 4294967296), 8, '0'))",
    "at": "timestamptz '2015-01-01' + n * interval '1 second'",
}
_INDEXES = """
    SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS made
    FROM pg_index LEFT JOIN pg_constraint ON conindid = indexrelid
    WHERE indrelid = ANY($1::regclass[]) AND conindid IS NULL
"""
_UNIQUE = """
    SELECT conname AS name, conrelid::regclass::text AS of, pg_get_constraintdef(oid) AS made
    FROM pg_constraint WHERE conrelid = ANY($1::regclass[]) AND contype = 'u'
"""
TABLES = ["notifications", "happenings", "outbox"]


async def fill_intake(url: str, notifications: int) -> None:
    """An empty intake has received so many, and everybody has been told."""
    connection = await asyncpg.connect(url)
    try:
        async with in_haste(connection), without_indexes(connection, TABLES):
            await _fill(connection, notifications)
        await connection.execute("VACUUM ANALYZE notifications, happenings, outbox")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


async def _fill(connection: asyncpg.Connection, count: int) -> None:
    areas = sorted(COUNCIL_AREAS)
    # Neither foreign keys nor the relay's wake-up call for what is made up here.
    await connection.execute("SET session_replication_role = replica")
    values = (areas, len(areas), bytes(80), bytes(range(256)) * 3)
    await connection.execute(_NOTIFICATIONS.format(**_PARTS), count, *values)
    await connection.execute(_HAPPENINGS.format(**_PARTS), count)
    await connection.execute(_EVENTS.format(**_PARTS), count, b"x" * 260)


@asynccontextmanager
async def in_haste(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """A crash now would only cost this database, which is made for one measurement."""
    durable = await connection.fetchval("SHOW fsync") == "on"
    await _set_fsync(connection, on=False)
    try:
        yield
    finally:
        await _set_fsync(connection, on=durable)


async def _set_fsync(connection: asyncpg.Connection, *, on: bool) -> None:
    await connection.execute(f"ALTER SYSTEM SET fsync = {'on' if on else 'off'}")
    await connection.execute("SELECT pg_reload_conf()")


@asynccontextmanager
async def without_indexes(
    connection: asyncpg.Connection, tables: Sequence[str]
) -> AsyncIterator[None]:
    """To build an index over all rows takes a fraction of adding each row to it."""
    indexes = await connection.fetch(_INDEXES, tables)
    unique = await connection.fetch(_UNIQUE, tables)
    for one in indexes:
        await connection.execute(f"DROP INDEX {one['name']}")
    for one in unique:
        await connection.execute(f"ALTER TABLE {one['of']} DROP CONSTRAINT {one['name']}")
    yield
    for one in unique:
        added = f"ALTER TABLE {one['of']} ADD CONSTRAINT {one['name']} {one['made']}"
        await connection.execute(added)
    for one in indexes:
        await connection.execute(one["made"])
