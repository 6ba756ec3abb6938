"""An event that no topic would take is refused where it is written: it could hold up all others."""

from datetime import UTC, datetime

import pytest
from aiokafka.producer.message_accumulator import BatchBuilder
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.events.envelope import Envelope, Headers, new_event_id, to_kafka_headers
from shared.events.topics import MAX_MESSAGE_BYTES
from shared.messaging.outbox import EventTooLarge, most_bytes
from tests.messaging.bus_reading import numbers_per_key, records
from tests.messaging.ledger import Ledger, Noted, until

TRACEPARENT = f"00-{'a' * 32}-{'b' * 16}-01"


def envelope(key: str, subject: str, tracestate: str | None, body: bytes) -> Envelope:
    headers = Headers(
        id=new_event_id(),
        type=Noted.TYPE,
        source="inspections",
        subject=subject,
        key=key,
        sequence=10**18,
        time=datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC),
        traceparent=TRACEPARENT,
        tracestate=tracestate,
    )
    return Envelope(headers, body)


def on_the_bus(one: Envelope) -> int:
    """How many bytes a broker is sent for it, alone in its batch."""
    batch = BatchBuilder(1, 0)
    headers = to_kafka_headers(one.headers)
    batch.append(timestamp=None, key=one.headers.key.encode(), value=one.body, headers=headers)
    return len(batch._build())


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400), st.text(max_size=400), st.none() | st.text(max_size=400))
def test_what_is_not_refused_fits(key: str, subject: str, tracestate: str | None) -> None:
    around = most_bytes(envelope(key, subject, tracestate, b""))
    largest = envelope(key, subject, tracestate, bytes(MAX_MESSAGE_BYTES - around))
    assert most_bytes(largest) == MAX_MESSAGE_BYTES
    assert on_the_bus(largest) <= MAX_MESSAGE_BYTES


async def test_an_event_too_large_undoes_what_caused_it_and_the_next_goes_on(
    bus_ledger: Ledger,
) -> None:
    largest = "x" * (MAX_MESSAGE_BYTES - 3000)
    await bus_ledger.note_many(["a"], 1)
    with pytest.raises(EventTooLarge, match=bus_ledger.topic.name):
        await note(bus_ledger, "a", largest + "x" * 3000)
    await note(bus_ledger, "a", largest)
    await bus_ledger.note_many(["a", "b"], 1)
    relay = bus_ledger.relay()
    await relay.start()
    await until(lambda: everything_sent(bus_ledger))
    await relay.stop()
    found = await records(bus_ledger.bootstrap, bus_ledger.topic.name)
    assert numbers_per_key(found) == {"a": [1, 2, 3], "b": [1]}


async def note(ledger: Ledger, key: str, text: str) -> None:
    async with ledger.transactions.begin() as tx:
        await ledger.note(tx, key, text)


async def everything_sent(ledger: Ledger) -> bool:
    return await ledger.unsent() == 0
