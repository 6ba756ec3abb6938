"""Reading a record never raises, and never takes what cannot be read for an event."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import trace

from shared.events.envelope import to_kafka_headers
from shared.messaging.delivery import Delivery, read
from shared.telemetry import attached
from tests.messaging.ledger import Ledger, Noted

NAMES = (
    "ce_specversion",
    "ce_id",
    "ce_type",
    "ce_source",
    "ce_subject",
    "ce_partitionkey",
    "ce_sequence",
    "ce_time",
    "traceparent",
    "tracestate",
)
VALUES = st.one_of(
    st.none(),
    st.binary(max_size=40),
    st.text(max_size=40).map(str.encode),
    st.integers().map(lambda number: str(number).encode()),
    st.datetimes(timezones=st.timezones()).map(lambda at: at.isoformat().encode()),
    st.sampled_from([b"1.0", b"", b"\xff\xfe", b"a\0b", b"9" * 30, "٣".encode(), b"x" * 3000]),
)


@dataclass
class Record:
    """As aiokafka hands it over."""

    key: bytes | None = b"a"
    value: bytes | None = b"{}"
    headers: list[tuple[str, bytes | None]] = field(default_factory=list)
    timestamp: int = 0
    topic: str = "t"
    partition: int = 0
    offset: int = 7


def is_sound(delivery: Delivery) -> bool:
    """Either an event with a name and a type, or a reason why it is none."""
    if delivery.headers is None:
        return bool(delivery.unreadable) and delivery.id == f"t/0/7/{delivery.raw.timestamp}"
    texts = [value for value in vars_of(delivery) if isinstance(value, str)]
    named = bool(delivery.id and delivery.headers.type and delivery.headers.source)
    return named and not any("\0" in text for text in texts)


def vars_of(delivery: Delivery) -> list[object]:
    headers = delivery.headers
    return [getattr(headers, name) for name in headers.__struct_fields__] if headers else []


@given(
    key=st.none() | st.binary(),
    value=st.none() | st.binary(),
    headers=st.lists(st.tuples(st.sampled_from(NAMES) | st.text(), VALUES)),
    timestamp=st.integers(-(2**63), 2**63 - 1),
)
def test_any_record_can_be_read(
    key: bytes | None,
    value: bytes | None,
    headers: list[tuple[str, bytes | None]],
    timestamp: int,
) -> None:
    assert is_sound(read(Record(key, value, headers, timestamp)))


@given(st.dictionaries(st.sampled_from(NAMES), VALUES), st.integers(-(2**63), 2**63 - 1))
def test_headers_that_are_almost_right_can_be_read(
    replaced: dict[str, bytes | None], timestamp: int
) -> None:
    sound = {
        "ce_specversion": b"1.0",
        "ce_id": b"1",
        "ce_type": b"t",
        "ce_source": b"s",
        "ce_time": b"2026-03-02T09:00:00Z",
    }
    assert is_sound(read(Record(headers=list((sound | replaced).items()), timestamp=timestamp)))


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_stored_trace_context_can_be_attached(traceparent: str, tracestate: str) -> None:
    with attached(traceparent, tracestate):
        assert trace.get_current_span() is not None


def test_what_was_sent_is_what_is_read() -> None:
    sent = Ledger("postgresql://nobody@127.0.0.1:1/none").delivery(3)
    assert sent.headers is not None
    received = read(Record(headers=[*to_kafka_headers(sent.headers)]))
    assert received.headers == sent.headers
    assert received.id == sent.headers.id
    assert sent.headers.type == Noted.TYPE


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ce_specversion", b"0.3"),
        ("ce_specversion", None),
        ("ce_id", b"  "),
        ("ce_id", b"\xff"),
        ("ce_id", b"x" * 1025),
        ("ce_type", b"a\0b"),
        ("ce_sequence", b"-1"),
        ("ce_sequence", b"1" * 19),
        ("ce_sequence", "٣".encode()),
        ("ce_time", b"yesterday"),
        ("ce_time", b"2026-03-02T09:00:00"),
    ],
)
def test_headers_that_break_a_rule_are_unreadable(name: str, value: bytes | None) -> None:
    ledger = Ledger("postgresql://nobody@127.0.0.1:1/none")
    delivery = ledger.delivery(1, headers={name: value})
    assert delivery.headers is None
    assert name in (delivery.unreadable or "")


def test_two_records_without_an_id_are_never_taken_for_one() -> None:
    one, other = read(Record(timestamp=1)), read(Record(timestamp=2))
    assert one.id != other.id
