"""Events leave with the transaction that caused them: written here, sent by the relay."""

from datetime import datetime
from typing import Any
from zlib import crc32

import msgspec
from sqlalchemy import MetaData

from shared.events.envelope import Envelope, Event, Headers, new_event_id
from shared.events.topics import MAX_MESSAGE_BYTES, Topic
from shared.messaging.tables import SHARDS, messaging_tables
from shared.telemetry import current_carrier
from shared.writes import Insert

OUTBOX = Insert(
    messaging_tables(MetaData()).outbox,
    *("event_id", "shard", "topic", "key", "sequence", "type", "subject", "body"),
    *("traceparent", "tracestate", "created_at"),
)


# Ids, instants, the trace and the names of headers, all of them ours and short.
_AROUND_BYTES = 2048
_MOST_BYTES_A_CHARACTER = 4


class EventTooLarge(Exception):
    """No topic would take this event, so that all later ones of its key would wait for ever."""


class Outgoing(msgspec.Struct, frozen=True):
    """One event on its way into the outbox, with the topic it will travel on."""

    topic: Topic
    envelope: Envelope


def outgoing(
    topic: Topic,
    event: Event,
    *,
    source: str,
    subject: str,
    key: str,
    sequence: int,
    now: datetime,
) -> Outgoing:
    """Put `event` into an envelope that remembers the trace it was born in.

    Raises `EventTooLarge` here, where whatever caused it can still be undone.
    """
    carrier = current_carrier()
    headers = Headers(
        id=new_event_id(),
        type=event.TYPE,
        source=source,
        subject=subject,
        key=key,
        sequence=sequence,
        time=now,
        traceparent=carrier.get("traceparent"),
        tracestate=carrier.get("tracestate"),
    )
    envelope = Envelope(headers, msgspec.json.encode(event))
    if (size := most_bytes(envelope)) > MAX_MESSAGE_BYTES:
        raise EventTooLarge(f"{event.TYPE} would be up to {size} bytes on {topic.name}")
    return Outgoing(topic, envelope)


def most_bytes(envelope: Envelope) -> int:
    """What an event may at most weigh on the bus; its key travels twice."""
    headers = envelope.headers
    texts = 2 * len(headers.key) + len(headers.subject) + len(headers.tracestate or "")
    return len(envelope.body) + _MOST_BYTES_A_CHARACTER * texts + _AROUND_BYTES


def shard_of(key: str) -> int:
    """The virtual shard of a key; stable for ever, since rows in flight were given theirs by it."""
    return crc32(key.encode()) % SHARDS


def outbox_row(outgoing: Outgoing) -> dict[str, Any]:
    """The row that an event waits in for the relay."""
    headers = outgoing.envelope.headers
    return {
        "event_id": headers.id,
        "shard": shard_of(headers.key),
        "topic": outgoing.topic.name,
        "key": headers.key,
        "sequence": headers.sequence,
        "type": headers.type,
        "subject": headers.subject,
        "body": outgoing.envelope.body,
        "traceparent": headers.traceparent,
        "tracestate": headers.tracestate,
        "created_at": headers.time,
    }
