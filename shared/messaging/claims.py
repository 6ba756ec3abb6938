"""What the relay reads from the outbox and writes back: a batch to send, and what was sent."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import BigInteger, SmallInteger, Text, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection


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


_CLAIM = text(
    """SELECT position, event_id, shard, topic, key, sequence, type, subject, body,
              traceparent, tracestate, created_at
       FROM outbox
       WHERE sent_at IS NULL AND shard = ANY(:shards) AND topic <> ALL(:absent)
             AND position <> ALL(:held)
       ORDER BY position LIMIT :size"""
).bindparams(
    bindparam("shards", type_=ARRAY(SmallInteger)),
    bindparam("absent", type_=ARRAY(Text)),
    bindparam("held", type_=ARRAY(BigInteger)),
)

# Fencing: rows of a shard that has changed hands since are left for its new owner to settle, and
# what went to a bus that was replaced meanwhile is not settled at all. The lock on `relay_bus`
# makes this and the meeting of a new bus happen one after the other.
_MARK = text(
    """WITH bus AS (SELECT 1 FROM relay_bus WHERE one = 1 AND cluster_id = :cluster FOR SHARE)
       UPDATE outbox SET sent_at = clock_timestamp()
       FROM bus, relay_shards, unnest(CAST(:shards AS smallint[]), CAST(:epochs AS bigint[]))
            AS mine (shard, epoch)
       WHERE outbox.position = ANY(:positions) AND outbox.shard = relay_shards.shard
         AND relay_shards.shard = mine.shard AND relay_shards.epoch = mine.epoch
         AND relay_shards.owner = :me"""
).bindparams(
    bindparam("shards", type_=ARRAY(SmallInteger)),
    bindparam("epochs", type_=ARRAY(BigInteger)),
    bindparam("positions", type_=ARRAY(BigInteger)),
)
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
    connection: AsyncConnection,
    shards: Sequence[int],
    size: int,
    absent: Sequence[str] = (),
    held: Sequence[int] = (),
) -> list[OutboxRow]:
    """The oldest unsent events of these shards, in the order they must be sent.

    Those for topics that are `absent` from the bus are left waiting; those at `held` are on their
    way already.
    """
    values = {"shards": list(shards), "absent": list(absent), "held": list(held), "size": size}
    return [OutboxRow(*row) for row in await connection.execute(_CLAIM, values)]


async def mark_sent(
    connection: AsyncConnection,
    me: str,
    epochs: Mapping[int, int],
    cluster: str,
    positions: Sequence[int],
) -> int:
    """Settle what the bus acknowledged, in one statement; answers how many rows were still ours."""
    values = {
        "me": me,
        "shards": list(epochs),
        "epochs": list(epochs.values()),
        "cluster": cluster,
        "positions": list(positions),
    }
    return (await connection.execute(_MARK, values)).rowcount


async def backlog(connection: AsyncConnection) -> tuple[int, float]:
    """How many events wait to be sent, and how many seconds the oldest has waited."""
    unsent, oldest = (await connection.execute(_BACKLOG)).one()
    return int(unsent), float(oldest)


async def forget_sent(connection: AsyncConnection, kept: timedelta) -> int:
    """Delete up to ten thousand events that were sent longer ago than `kept`."""
    return (await connection.execute(_FORGET, {"kept": kept})).rowcount
