"""Anybody's CloudEvents library reads what we send, and we can be read back from what it writes."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from cloudevents.core.bindings.kafka import (
    KafkaMessage,
    from_binary_event,
    to_binary_event,
)
from hypothesis import given
from hypothesis import strategies as st

from shared.events.envelope import Headers, new_event_id, to_kafka_headers
from shared.events.intake import AddendumAdded
from tests.contracts.examples import EXAMPLES, Example

text = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40
)
zones = st.sampled_from([UTC, timezone(timedelta(hours=1))])
instants = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=zones)  # noqa: DTZ001 - hypothesis adds the zone


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.type)
def test_an_example_is_read_and_written_back(example: Example) -> None:
    message = KafkaMessage(dict(example.pairs), example.key, example.value)
    event = from_binary_event(message)
    assert event.get_type() == example.type
    assert event.get_data() == example.body
    again = from_binary_event(to_binary_event(event))
    assert again.get_attributes() == event.get_attributes()
    assert again.get_data() == event.get_data()


@given(text, text, st.integers(1, 2**62), instants)
def test_our_headers_are_read_as_they_were_meant(
    subject: str, key: str, sequence: int, time: datetime
) -> None:
    headers = Headers(
        id=new_event_id(),
        type=AddendumAdded.TYPE,
        source="intake",
        subject=subject,
        key=key,
        sequence=sequence,
        time=time,
    )
    message = KafkaMessage(dict(to_kafka_headers(headers)), key, b"{}")
    event = from_binary_event(message)
    assert event.get_id() == headers.id
    assert event.get_source() == "intake"
    assert event.get_subject() == subject
    assert event.get_time() == time
    assert event.get_extension("partitionkey") == key
    assert int(event.get_extension("sequence")) == sequence
