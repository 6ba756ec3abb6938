"""Partners' messages, good ones and every kind of bad one we could think of, each made by its seed.

A message is a function of the seed and its number alone, so that any of them can be made again.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import msgspec

from shared.events.partners import NOTIFICATION_SUBMITTED
from tests.chaos.bad_bodies import BAD_BODIES
from tests.intake.builders import a_body

ACCEPTED, REFUSED, PARKED = "accepted", "refused", "parked"
# Every fifth is good, and stands between four that are not.
GOOD_EVERY = 5
KEYS = 50

Header = tuple[str, bytes]


@dataclass(frozen=True)
class Message:
    """One message as a partner writes it, and what must become of it."""

    number: int
    kind: str
    expected: str
    message_id: str
    headers: Sequence[Header]
    value: bytes | None
    key: bytes | None
    partner: str = "fife"

    @property
    def digest(self) -> bytes:
        """Of its original bytes."""
        return digest_of(self.key, self.headers, self.value or b"")


def digest_of(key: bytes | None, headers: Sequence[Header], value: bytes) -> bytes:
    """What two messages share only when they are the same byte by byte."""
    return sha256(msgspec.msgpack.encode([key, list(headers), value])).digest()


def message(seed: int, number: int) -> Message:
    """Message `number` of the attack with this seed."""
    if number % GOOD_EVERY == 0:
        return good(seed, number)
    chance = random.Random(f"{seed}/{number}")
    return _KINDS[chance.choice(sorted(_KINDS))](chance, good(seed, number))


def good(seed: int, number: int) -> Message:
    """A notification that must take effect, whatever stands around it."""
    message_id = f"m-{seed}-{number}"
    body = a_body(late_reason=f"Told late, {number}")
    headers = _headers(ce_id=message_id.encode())
    key = f"case-{number % KEYS}".encode()
    return Message(number, "good", ACCEPTED, message_id, headers, msgspec.json.encode(body), key)


def _headers(**given: bytes | None) -> list[Header]:
    known = {
        "ce_specversion": b"1.0",
        "ce_source": b"https://social-work.fife.example.org",
        "ce_type": NOTIFICATION_SUBMITTED.encode(),
        "content-type": b"application/json",
    }
    return [(name, value) for name, value in (known | given).items() if value is not None]


Kind = Callable[[random.Random, Message], Message]


def _refused_for_its_body(kind: str) -> Kind:
    def make(chance: random.Random, whole: Message) -> Message:
        value = BAD_BODIES[kind](chance, whole.value or b"")
        return replace(whole, kind=kind, expected=REFUSED, value=value)

    return make


def _with_headers(kind: str, expected: str, **given: Sequence[bytes | None]) -> Kind:
    """One of the given values in each of the given headers; None leaves a header out."""

    def make(chance: random.Random, whole: Message) -> Message:
        chosen = {name: chance.choice(values) for name, values in given.items()}
        headers = _headers(**({"ce_id": whole.message_id.encode()} | chosen))
        made = replace(whole, kind=kind, expected=expected, headers=headers)
        # Nobody shares a key with what waits for a person.
        return _alone(chance, made) if expected == PARKED else made

    return make


def _alone(chance: random.Random, made: Message) -> Message:
    own = f"lost-{made.number}".encode()
    numbered = [*made.headers, ("x-number", str(made.number).encode())]
    return replace(made, headers=numbered, key=chance.choice([own, own + b"\xff\0", None]))


def _of_another_partner(chance: random.Random, whole: Message) -> Message:
    """Moray's system notifies a death in Fife, under its own name or under Fife's."""
    source = chance.choice([b"moray", b"https://social-work.fife.example.org"])
    headers = _headers(ce_id=whole.message_id.encode(), ce_source=source)
    return replace(whole, kind="wrong partner", expected=REFUSED, headers=headers, partner="moray")


def _under_a_used_id(_: random.Random, whole: Message) -> Message:
    """Another story under the id of the good message before it."""
    used = whole.number - whole.number % GOOD_EVERY
    message_id = whole.message_id.rpartition("-")[0] + f"-{used}"
    headers = _headers(ce_id=message_id.encode())
    key = f"case-{used % KEYS}".encode()
    made = replace(whole, kind="used id", expected=REFUSED, message_id=message_id)
    return replace(made, headers=headers, key=key)


def _with_a_strange_key(chance: random.Random, whole: Message) -> Message:
    """Good but for its key, which is nobody's business."""
    return replace(whole, kind="strange key", key=chance.choice([None, b"\xff\xfe", b"a\0b"]))


def _with_strange_headers(chance: random.Random, whole: Message) -> Message:
    """Good but for headers that mean nothing here."""
    strange = [
        [("traceparent", b"00-" + b"z" * 32 + b"-" + b"z" * 16 + b"-01")],
        [("traceparent", b"\xff" * 55), ("tracestate", b"=,=" * 300)],
        [("x-large", b"x" * 100_000)],
        [(f"x-{number}", b"\xff") for number in range(300)],
        [("baggage", b"\0"), ("", b""), ("é", b"\xc3")],
    ]
    return replace(whole, kind="strange headers", headers=[*whole.headers, *chance.choice(strange)])


NOT_UTF8 = (b"\xff", b"\xfe\xff\0x", b"\xc3\x28")
NOT_TEXT = (*NOT_UTF8, b"a\0b", b"x" * 3000)
_KINDS: dict[str, Kind] = {
    **{kind: _refused_for_its_body(kind) for kind in BAD_BODIES},
    "id is no text": _with_headers("id is no text", PARKED, ce_id=NOT_TEXT),
    "no id": _with_headers("no id", PARKED, ce_id=(None, b"", b"  ", b"x" * 256)),
    "type is no text": _with_headers("type is no text", REFUSED, ce_type=NOT_TEXT),
    "source is no text": _with_headers("source is no text", REFUSED, ce_source=NOT_TEXT),
    "unknown type": _with_headers(
        "unknown type",
        REFUSED,
        ce_type=(b"scot.scrutiny.notification.submitted.v2", b"Death", b"scot.scrutiny"),
    ),
    "unknown envelope": _with_headers(
        "unknown envelope", REFUSED, ce_specversion=(None, b"0.3", b"1.1", b"\xff", b"1")
    ),
    "bad sequence": _with_headers(
        "bad sequence", REFUSED, ce_sequence=(b"-1", b"9" * 40, b"1e3", "٣".encode())
    ),
    "bad time": _with_headers("bad time", REFUSED, ce_time=(b"noon", b"2026-13-45", b"0", b"")),
    "wrong partner": _of_another_partner,
    "used id": _under_a_used_id,
    "strange key": _with_a_strange_key,
    "strange headers": _with_strange_headers,
}
KINDS = (*sorted(_KINDS), "good")
