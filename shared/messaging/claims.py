"""What the relay reads from the outbox and writes back: a batch to send, and what was sent."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database import Database


class OutboxRow(NamedTuple):
    """One event as it waits to be sent."""

    position: int
    event_id: str
    shard: int
    topic: str
    key: str
    sequence: int
    type: str
    subject: str
    body: bytes
    traceparent: str | None
    tracestate: str | None
    created_at: datetime


# What is on its way is looked up in a table made of it, not compared with every row in turn.
_CLAIM = """
SELECT position, event_id, shard, topic, key, sequence, type, subject, body,
       traceparent, tracestate, created_at
FROM outbox
WHERE sent_at IS NULL AND shard = ANY($1::smallint[]) AND topic <> ALL($2::text[])
      AND position NOT IN (SELECT unnest($3::bigint[]))
ORDER BY position LIMIT $4
"""

# Fencing: rows of a shard that has changed hands since are left for its new owner to settle, and
# what went to a bus that was replaced meanwhile is not settled at all. The lock on `relay_bus`
# makes this and the meeting of a new bus happen one after the other.
_MARK = """
WITH bus AS (SELECT 1 FROM relay_bus WHERE one = 1 AND cluster_id = $1 FOR SHARE),
     settled AS (
         UPDATE outbox SET sent_at = clock_timestamp()
         FROM bus, relay_shards, unnest($2::smallint[], $3::bigint[]) AS mine (shard, epoch)
         WHERE outbox.position = ANY($4::bigint[]) AND outbox.shard = relay_shards.shard
           AND relay_shards.shard = mine.shard AND relay_shards.epoch = mine.epoch
           AND relay_shards.owner = $5
         RETURNING 1)
SELECT count(*) FROM settled
"""
_BACKLOG = text(
    """SELECT count(*) AS unsent,
              coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0) AS oldest
       FROM outbox WHERE sent_at IS NULL"""
)
# By position, the order of the primary key, so that no further index is paid for on every event.
_FORGET = text(
    """DELETE FROM outbox
       WHERE position IN (SELECT position FROM outbox ORDER BY position LIMIT 10000)
       AND sent_at < clock_timestamp() - CAST(:kept AS interval)"""
).bindparams(bindparam("kept"))


async def claim(
    database: Database,
    shards: Sequence[int],
    size: int,
    absent: Sequence[str] = (),
    held: Sequence[int] = (),
) -> list[OutboxRow]:
    """The oldest unsent events of these shards, in the order they must be sent.

    Those for topics that are `absent` from the bus are left waiting; those at `held` are on their
    way already.
    """
    values = list(shards), list(absent), list(held), size
    return [OutboxRow(*row) for row in await database.run_alone(_CLAIM, values)]


async def mark_sent(
    database: Database,
    me: str,
    epochs: Mapping[int, int],
    cluster: str,
    positions: Sequence[int],
) -> int:
    """Settle what the bus acknowledged, in one statement; answers how many rows were still ours."""
    values = cluster, list(epochs), list(epochs.values()), list(positions), me
    ((count,),) = await database.run_alone(_MARK, values)
    return count


async def backlog(connection: AsyncConnection) -> tuple[int, float]:
    """How many events wait to be sent, and how many seconds the oldest has waited."""
    unsent, oldest = (await connection.execute(_BACKLOG)).one()
    return int(unsent), float(oldest)


async def forget_sent(connection: AsyncConnection, kept: timedelta) -> int:
    """Delete up to ten thousand events that were sent longer ago than `kept`."""
    return (await connection.execute(_FORGET, {"kept": kept})).rowcount
