"""The contracts that are checked in are those of today's code, valid, and free of personal data."""

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from shared.events.asyncapi import TOPICS, document
from shared.events.generate import HERE, contracts, generated, write, written
from shared.events.topics import EVENT_OF_TYPE, INTERNAL

ASYNCAPI = json.loads((Path(__file__).parent / "vendored/asyncapi/3.0.0.json").read_text())
PERSONAL = re.compile(
    r"(^|_)(name|first_name|surname|forename|birth|born|dob|email|mail|mailbox|phone|telephone"
    r"|address|postcode|circumstances?|notifier|child|adult|gender|sex|ethnicity|religion"
    r"|diagnosis|narrative|text|free|comment|note|notes|reason|description|feedback)(_|$)"
)


def test_what_is_checked_in_is_what_the_code_says() -> None:
    assert written(HERE) == generated(), "run: python -m shared.events.generate"


def test_generating_twice_gives_the_same() -> None:
    assert generated() == generated()


def test_a_contract_of_an_event_that_is_gone_is_removed(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/scot.scrutiny.gone.v1.json").write_text("{}")
    write(tmp_path, generated())
    assert written(tmp_path) == generated()


@pytest.mark.parametrize("path", sorted(contracts()), ids=str)
def test_each_schema_is_a_schema(path: Path) -> None:
    if path.parent.name == "schemas":
        Draft202012Validator.check_schema(json.loads(contracts()[path]))


def test_the_map_is_valid_asyncapi() -> None:
    found = Draft7Validator(ASYNCAPI).iter_errors(document())
    assert [f"{list(error.absolute_path)}: {error.message}" for error in found] == []


def test_the_validator_would_notice() -> None:
    spoiled = document() | {"channels": {"a": {"address": 5}}}
    assert not Draft7Validator(ASYNCAPI).is_valid(spoiled)


def test_every_reference_in_the_map_leads_somewhere() -> None:
    map_ = document()
    for reference in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(map_)):
        place = map_
        for step in reference.split("/"):
            place = place[step]


def test_every_topic_has_a_sender_and_its_receivers_in_the_map() -> None:
    operations = set(document()["operations"])
    for topic in INTERNAL:
        assert f"{topic.producer}.send.{topic.name}" in operations
        assert all(f"{each}.receive.{topic.name}" in operations for each in topic.consumers)


@pytest.mark.parametrize("type_", sorted(EVENT_OF_TYPE))
def test_no_field_of_an_internal_event_holds_personal_data(type_: str) -> None:
    fields = EVENT_OF_TYPE[type_].__struct_fields__
    suspicious = {
        field for field in fields if PERSONAL.search(field) and not field.endswith("_given")
    }
    assert suspicious == set()


def test_only_partner_topics_carry_personal_data() -> None:
    assert all(topic.personal == topic.name.startswith("partner.") for topic in TOPICS)


@pytest.mark.parametrize("field", ["name", "date_of_birth", "notifier_email", "circumstances"])
def test_a_personal_field_would_be_noticed(field: str) -> None:
    assert PERSONAL.search(field)
