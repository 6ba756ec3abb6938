"""Every example message is decoded by today's code, and is what the contracts say it is."""

import json

import msgspec
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from services.intake.entrypoints.schemas import NotificationIn
from shared.events.asyncapi import TOPICS, document
from shared.events.envelope import to_kafka_headers
from shared.events.generate import contracts
from shared.events.json_schema import event_schema
from shared.events.partners import NOTIFICATION_SUBMITTED
from shared.events.topics import all_topics
from shared.messaging.delivery import RawRecord, read_raw
from shared.web.bodies import decode_json
from tests.contracts.examples import EXAMPLES, Example

EVENTS = {event.TYPE: event for topic in TOPICS for event in topic.events}
OURS = [example for example in EXAMPLES if example.type in EVENTS]
SAMPLE = all_topics(("fife",))
each_of_ours = pytest.mark.parametrize("example", OURS, ids=lambda example: example.type)
each = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.type)


def test_every_event_has_an_example() -> None:
    assert {example.type for example in EXAMPLES} == {*EVENTS, NOTIFICATION_SUBMITTED}


@each_of_ours
def test_its_body_is_decoded(example: Example) -> None:
    event = msgspec.json.decode(example.value, type=EVENTS[example.type])
    assert msgspec.json.decode(msgspec.json.encode(event), type=EVENTS[example.type]) == event


@each_of_ours
def test_it_is_decoded_without_what_may_be_left_out(example: Example) -> None:
    event = EVENTS[example.type]
    required = event_schema(event)["required"]
    older = {name: value for name, value in example.body.items() if name in required}
    assert msgspec.json.decode(msgspec.json.encode(older), type=event)


@each
def test_its_headers_are_read(example: Example) -> None:
    key = example.key.encode()
    raw = RawRecord(example.topic, 0, 0, 1_772_546_709_120, key, example.pairs, example.value)
    headers = read_raw(raw).headers
    assert headers is not None
    assert headers.id == example.headers["ce_id"]
    assert headers.type == example.type
    assert headers.source == example.headers["ce_source"]
    assert headers.sequence == int(example.headers.get("ce_sequence", "0"))


@each_of_ours
def test_headers_that_were_read_are_written_as_they_were(example: Example) -> None:
    raw = RawRecord(example.topic, 0, 0, 0, example.key.encode(), example.pairs, example.value)
    headers = read_raw(raw).headers
    assert headers is not None
    assert dict(to_kafka_headers(headers)) == dict(example.pairs)


def test_the_partners_message_is_what_intake_takes() -> None:
    example = next(each for each in EXAMPLES if each.type == NOTIFICATION_SUBMITTED)
    body = decode_json(example.value, NotificationIn)
    assert body.kind == "death-looked-after-child"


@each_of_ours
def test_its_body_fits_its_schema(example: Example) -> None:
    schema = event_schema(EVENTS[example.type])
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(example.body)


@each_of_ours
def test_a_member_nobody_knows_is_ignored(example: Example) -> None:
    known = msgspec.json.decode(example.value, type=EVENTS[example.type])
    later = json.dumps(example.body | {"added_later": [1, 2]})
    assert msgspec.json.decode(later, type=EVENTS[example.type]) == known


@each
def test_its_headers_fit_the_map(example: Example) -> None:
    messages = document()["components"]["messages"].values()
    headers = next(each["headers"] for each in messages if each["name"] == example.type)
    Draft202012Validator(headers, format_checker=FormatChecker()).validate(example.headers)


@each_of_ours
def test_it_lies_on_the_topic_of_its_event(example: Example) -> None:
    topic = next(each for each in SAMPLE if each.name == example.topic)
    assert EVENTS[example.type] in topic.events
    assert example.headers["ce_source"] == topic.producer
    assert example.headers["ce_partitionkey"] == example.key


def test_every_instant_has_an_offset() -> None:
    decoder = msgspec.json.Decoder(EVENTS["scot.scrutiny.addendum.added.v1"])
    body = {"reference": "r", "area": "a", "addendum": "b", "added_at": "2026-03-25T16:20:00"}
    with pytest.raises(msgspec.ValidationError):
        decoder.decode(json.dumps(body))


def test_the_partners_message_is_described_too() -> None:
    assert "NotificationSubmitted" in json.loads(
        next(text for path, text in contracts().items() if path.name == "asyncapi.json")
    )["components"]["schemas"]  # fmt: skip
