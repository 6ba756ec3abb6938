"""What every event carries around its body: CloudEvents 1.0 attributes in Kafka binary mode."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar

import msgspec
import uuid_utils

SPECVERSION = "1.0"
CONTENT_TYPE = "application/json"

# RFC 3339 with an offset: an event never leaves a reader guessing which clock was meant.
Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """The body of an event: references, codes and instants only, never personal data."""

    TYPE: ClassVar[str]


class Headers(msgspec.Struct, frozen=True, kw_only=True):
    """The CloudEvents attributes of one event.

    `subject` is the public reference, `key` the aggregate's id (CloudEvents `partitionkey`),
    `sequence` the aggregate's version: events of one key take effect in its order.
    """

    id: str
    type: str
    source: str
    subject: str
    key: str
    sequence: int
    time: Instant
    traceparent: str | None = None
    tracestate: str | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """One event ready to travel, or as it arrived."""

    headers: Headers
    body: bytes


def new_event_id() -> str:
    """A UUIDv7: unique, and sortable by the time it was made."""
    return str(uuid_utils.uuid7())


def to_kafka_headers(headers: Headers) -> list[tuple[str, bytes]]:
    """CloudEvents binary mode: one `ce_` header an attribute."""
    pairs = {
        "ce_specversion": SPECVERSION,
        "ce_id": headers.id,
        "ce_type": headers.type,
        "ce_source": headers.source,
        "ce_subject": headers.subject,
        "ce_partitionkey": headers.key,
        "ce_sequence": str(headers.sequence),
        "ce_time": headers.time.isoformat().replace("+00:00", "Z"),
        "content-type": CONTENT_TYPE,
    }
    context = {"traceparent": headers.traceparent, "tracestate": headers.tracestate}
    pairs |= {name: value for name, value in context.items() if value}
    return [(name, value.encode()) for name, value in pairs.items()]
