"""One record as Kafka delivered it, read by a parser that never raises."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import msgspec

from shared.events.envelope import SPECVERSION, Headers, Instant

MAX_HEADER_BYTES = 1024


class KafkaRecord(Protocol):
    """What we read of aiokafka's `ConsumerRecord`."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None

    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]: ...


class RawRecord(msgspec.Struct, frozen=True, array_like=True):
    """Exactly what came, so that parking can keep it and redriving can read it again."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    headers: list[tuple[str, bytes]]
    value: bytes


@dataclass(frozen=True, slots=True)
class Delivery:
    """A record and what could be read of it; `headers` is null when it is no event of ours.

    `id` is what a second delivery of the same message has again. `lane` names what must stay in
    order: later messages of a lane wait behind a parked one.
    """

    raw: RawRecord
    id: str
    lane: str
    headers: Headers | None
    unreadable: str | None = None


def read(record: KafkaRecord) -> Delivery:
    """Read any record whatever; what cannot be understood is said in `unreadable`."""
    raw = RawRecord(
        record.topic,
        record.partition,
        record.offset,
        record.timestamp,
        record.key,
        [(name, bytes(value or b"")) for name, value in record.headers],
        record.value or b"",
    )
    return read_raw(raw)


def read_raw(raw: RawRecord) -> Delivery:
    """The same for a record that was kept."""
    try:
        headers = _headers(raw)
    except _Unreadable as reason:
        return Delivery(raw, delivery_id(raw), lane_of(raw), None, str(reason))
    return Delivery(raw, headers.id, lane_of(raw), headers)


def delivery_id(raw: RawRecord) -> str:
    """Names one record of one log; the timestamp tells a log made anew from the one before."""
    return f"{raw.topic}/{raw.partition}/{raw.offset}/{raw.timestamp}"


def lane_of(raw: RawRecord) -> str:
    """Topic and digest of the key: a partner's key may be anything, even somebody's name.

    What has no key has no order to keep with others, and waits behind nobody.
    """
    line = delivery_id(raw).encode() if raw.key is None else raw.key
    digest = hashlib.sha256(line).hexdigest()[:32]
    return f"{raw.topic}:{digest}"


def text_headers(raw: RawRecord) -> dict[str, str]:
    """The headers that are short and UTF-8; of two with one name the last counts."""
    found: dict[str, str] = {}
    for name, value in raw.headers:
        text = _text(value)
        if text is not None:
            found[name.lower()] = text
    return found


class _Unreadable(Exception):
    pass


def _headers(raw: RawRecord) -> Headers:
    given = text_headers(raw)
    if given.get("ce_specversion") != SPECVERSION:
        raise _Unreadable("ce_specversion is not 1.0")
    return Headers(
        id=_named(given, "ce_id"),
        type=_named(given, "ce_type"),
        source=_named(given, "ce_source"),
        subject=given.get("ce_subject", ""),
        key=given.get("ce_partitionkey", ""),
        sequence=_number(given.get("ce_sequence", "0")),
        time=_instant(given.get("ce_time"), raw),
        traceparent=given.get("traceparent"),
        tracestate=given.get("tracestate"),
    )


def _named(given: dict[str, str], name: str) -> str:
    value = given.get(name, "")
    if not value.strip():
        raise _Unreadable(f"{name} is missing, empty or not UTF-8")
    return value


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise _Unreadable("ce_sequence is not a whole number")
    return int(text)


def _instant(text: str | None, raw: RawRecord) -> datetime:
    try:
        if text is None:
            return msgspec.convert(raw.timestamp / 1000, Instant, strict=False)
        return msgspec.convert(text, Instant)
    except (msgspec.ValidationError, OverflowError):
        raise _Unreadable("ce_time is not an RFC 3339 instant") from None


def _text(value: bytes) -> str | None:
    if len(value) > MAX_HEADER_BYTES or b"\0" in value:
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None
