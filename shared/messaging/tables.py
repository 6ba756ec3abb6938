"""The tables that carry messages in and out of one service, as SQLAlchemy Core tables."""

from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

# Work is shared between relays by shard; a key always falls into the same one.
SHARDS = 16
# A hint that wakes the relay at once; a lost one costs it no more than one poll interval.
OUTBOX_CHANNEL = "outbox"


@dataclass(frozen=True, slots=True)
class MessagingTables:
    """One service's own copy of each."""

    outbox: Table
    inbox: Table
    parked: Table
    relay_shards: Table
    relay_members: Table
    relay_bus: Table
    worker_state: Table


def messaging_tables(metadata: MetaData) -> MessagingTables:
    """Declare all of them on a service's metadata."""
    return MessagingTables(
        outbox=_outbox(metadata),
        inbox=_inbox(metadata),
        parked=_parked(metadata),
        relay_shards=_relay_shards(metadata),
        relay_members=_relay_members(metadata),
        relay_bus=_relay_bus(metadata),
        worker_state=_worker_state(metadata),
    )


def _instant(name: str, *, nullable: bool = False) -> Column[object]:
    default = None if nullable else func.now()
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=default)


def _outbox(metadata: MetaData) -> Table:
    return Table(
        "outbox",
        metadata,
        # Given out while the aggregate's row is locked: per key, position order is sequence order.
        Column("position", BigInteger, Identity(always=True), primary_key=True),
        Column("event_id", Text, nullable=False),
        Column("shard", SmallInteger, nullable=False),
        Column("topic", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("sequence", BigInteger, nullable=False),
        Column("type", Text, nullable=False),
        Column("subject", Text, nullable=False),
        Column("body", LargeBinary, nullable=False),
        # The trace the event was born in; the relay sends it as part of that trace.
        Column("traceparent", Text),
        Column("tracestate", Text),
        _instant("created_at"),
        # Null until the bus has acknowledged it; the row is kept, to be sent again to a new bus.
        _instant("sent_at", nullable=True),
        # In the order of sending: with the shard first, a batch would be sorted out of all that
        # waits, or looked for among everything that was ever sent.
        Index("ix_outbox_unsent", "position", "shard", postgresql_where=text("sent_at IS NULL")),
    )


def _inbox(metadata: MetaData) -> Table:
    return Table(
        "inbox",
        metadata,
        # An event's id, or the coordinates of a delivery that has none we can trust.
        Column("message_id", Text, primary_key=True),
        _instant("applied_at"),
        Index("ix_inbox_applied_at", "applied_at", postgresql_using="brin"),
    )


def _parked(metadata: MetaData) -> Table:
    return Table(
        "parked",
        metadata,
        Column("id", Text, primary_key=True),
        # Order within a lane.
        Column("position", BigInteger, Identity(always=True), nullable=False, unique=True),
        # Topic and digest of the key: whatever shares a lane waits in line behind the first.
        Column("lane", Text, nullable=False),
        Column("topic", Text, nullable=False),
        Column("partition", Integer, nullable=False),
        Column("offset", BigInteger, nullable=False),
        Column("event_id", Text),
        Column("type", Text),
        # Key, headers and value exactly as they came, encrypted: a partner's hold personal data.
        Column("record", LargeBinary, nullable=False),
        Column("reason", Text, nullable=False),
        Column("detail", Text, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("traceparent", Text),
        Column("state", Text, nullable=False, server_default="waiting"),
        _instant("parked_at"),
        _instant("settled_at", nullable=True),
        Column("settled_by", Text),
        Column("settled_reason", Text),
        Index("ix_parked_waiting", "lane", "position", postgresql_where=text("state = 'waiting'")),
    )


def _relay_shards(metadata: MetaData) -> Table:
    return Table(
        "relay_shards",
        metadata,
        Column("shard", SmallInteger, primary_key=True, autoincrement=False),
        Column("owner", Text),
        # Grows with every change of owner: what an earlier owner still writes does not count.
        Column("epoch", BigInteger, nullable=False, server_default="0"),
        _instant("lease_until"),
    )


def _relay_members(metadata: MetaData) -> Table:
    return Table(
        "relay_members",
        metadata,
        Column("owner", Text, primary_key=True),
        _instant("seen_at"),
    )


def _relay_bus(metadata: MetaData) -> Table:
    return Table(
        "relay_bus",
        metadata,
        Column("one", Integer, primary_key=True, autoincrement=False),
        Column("cluster_id", Text),
        _instant("since"),
    )


def _worker_state(metadata: MetaData) -> Table:
    return Table(
        "worker_state",
        metadata,
        # One row a worker process, written anew every few seconds: what health and operators ask.
        Column("owner", Text, primary_key=True),
        _instant("seen_at"),
        Column("state", JSONB, nullable=False),
    )
