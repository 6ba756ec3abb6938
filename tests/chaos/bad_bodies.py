"""Bodies that no notification can have: each made out of a good one, by chance."""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from tests.intake.builders import STIRLING

BadBody = Callable[[random.Random, bytes], bytes | None]

# What every notification must say; each as the path to it.
REQUIRED: Sequence[tuple[str, ...]] = (
    ("kind",),
    ("area",),
    ("occurred_at",),
    ("notifier",),
    ("notifier", "email"),
    ("notifier", "name"),
    ("subject", "name"),
    ("subject", "date_of_birth"),
)
WRONG_TYPES: Sequence[Any] = (True, 17, -1.5, [], {}, [[]], {"a": {}}, None, ["S12000047"])
HUGE = (b"1e999", b"-1e400", b"9" * 400, b"0." + b"1" * 5000, b"9" * 5000, b"NaN", b"-Infinity")
NOT_JSON = (b"", b" ", b"null", b"[]", b'"text"', b"true", b"}", b"\0", b"{}", b"{}{}", b"<xml/>")
IMPOSSIBLE = (
    "0000-00-00T00:00:00Z",
    "9999-12-31T23:59:59-23:59",
    "0001-01-01T00:00:00+23:59",
    "2026-02-30T12:00:00Z",
    "2026-03-28T22:30:00",
    "2026-03-28",
    "now",
    "2999-01-01T00:00:00Z",
)


def truncated(chance: random.Random, whole: bytes) -> bytes:
    """As from a sender that died."""
    return whole[: chance.randrange(1, len(whole))]


def nested(chance: random.Random, whole: bytes) -> bytes:
    """Deeper than any stack, closed or not, alone or inside a good body."""
    deep = chance.choice([1_100, 5_000, 60_000])
    opened, closed = chance.choice([(b"[", b"]"), (b'{"a":', b"}"), (b'[{"a":', b"}]")])
    heart = opened * deep + b"1" + closed * deep * chance.randrange(2)
    if chance.randrange(2):
        return heart
    return whole.replace(b'"details":{', b'"details":{"legal_basis":' + heart + b",", 1)


def mistyped(chance: random.Random, whole: bytes) -> bytes:
    """Something required is of a type that it cannot have."""
    return _with(whole, chance.choice(REQUIRED), chance.choice(WRONG_TYPES))


def huge_number(chance: random.Random, whole: bytes) -> bytes:
    """A number that no machine holds, in place of a text or of the whole."""
    field = chance.choice([b'"area":', b'"occurred_at":', b'"legal_basis":'])
    before, _, after = whole.partition(field)
    rest = after[after.index(b'"', 1) + 1 :]
    return before + field + chance.choice(HUGE) + rest


def with_nul(chance: random.Random, whole: bytes) -> bytes:
    """The one character that PostgreSQL does not store, written in both ways."""
    marked = chance.choice([b"\\u0000", b"\0", b"a\\u0000b"])
    name = chance.choice([b"Quentina", b"Zebedee", b"Supervision", b"Cottage"])
    return whole.replace(name, name + marked, 1)


def not_utf8(chance: random.Random, whole: bytes) -> bytes:
    """Another encoding, half a character, half a surrogate, or bytes of no meaning."""
    text = whole.decode()
    return chance.choice(
        [
            text.encode("utf-16"),
            text.encode("utf-32"),
            text.replace("Quentina", "Käthe").encode("latin-1"),
            whole.replace(b"Quentina", b"\xed\xa0\x80", 1),
            whole.replace(b"Quentina", b"\\ud800", 1),
            chance.randbytes(chance.randrange(1, 3000)),
        ]
    )


def not_a_notification(chance: random.Random, _: bytes) -> bytes:
    """JSON, or not even that, but nothing that could be meant."""
    return chance.choice(NOT_JSON)


def empty(_: random.Random, __: bytes) -> bytes | None:
    """What Kafka calls a tombstone."""
    return None


def incomplete(chance: random.Random, whole: bytes) -> bytes:
    """Something required is missing, or something unknown is there."""
    body = msgspec.json.decode(whole)
    if chance.randrange(2):
        del body[chance.choice(["kind", "area", "occurred_at", "notifier"])]
    else:
        body[chance.choice(["colour", "__proto__", "reference", "", "id"])] = chance.random()
    return msgspec.json.encode(body)


def impossible_instant(chance: random.Random, whole: bytes) -> bytes:
    """A moment that is none, has no offset, or is not yet."""
    return _with(whole, ("occurred_at",), chance.choice(IMPOSSIBLE))


def not_their_area(chance: random.Random, whole: bytes) -> bytes:
    """An area that is another partner's, or nobody's."""
    area = chance.choice([STIRLING, "S99999999", "", "S12000047 ", "s12000047"])
    return _with(whole, ("area",), area)


def too_long(chance: random.Random, whole: bytes) -> bytes:
    """Longer than any field may be, and now and then as long as the bus lets through."""
    length = 900_000 if chance.randrange(20) == 0 else 25_000
    return whole.replace(b"Quentina", b"Q" * length, 1)


def _with(whole: bytes, path: Sequence[str], value: Any) -> bytes:
    body = inner = msgspec.json.decode(whole)
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    return msgspec.json.encode(body)


BAD_BODIES: Mapping[str, BadBody] = {
    "truncated": truncated,
    "deeply nested": nested,
    "wrong type": mistyped,
    "huge number": huge_number,
    "nul": with_nul,
    "not UTF-8": not_utf8,
    "no notification": not_a_notification,
    "no body": empty,
    "incomplete": incomplete,
    "impossible instant": impossible_instant,
    "not their area": not_their_area,
    "too long": too_long,
}
