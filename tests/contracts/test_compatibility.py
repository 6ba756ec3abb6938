"""Optional fields may be added to an event; whatever else is tried is found and named."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from shared.events.asyncapi import TOPICS
from shared.events.compatibility import Schema, breaking_changes
from shared.events.generate import contracts
from shared.events.json_schema import event_schema
from tests.contracts.publish import MAP, broken_promises, moved_channels, parsed, published_files

SCHEMAS = [event_schema(event) for topic in TOPICS for event in topic.events]
LEAVES: list[Schema] = [
    {"type": "string"},
    {"type": "string", "format": "date-time"},
    {"type": "integer"},
    {"type": "boolean"},
    {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
    {"type": "array", "items": {"type": "string"}},
]
names = st.sampled_from(["reference", "area", "clock", "state", "due_at", "decision"])
leaves = st.sampled_from(LEAVES)


@st.composite
def bodies(draw: st.DrawFn, depth: int = 2) -> Schema:
    """An event's schema as ours are: named members, some required, one object inside another."""
    members = leaves if depth == 0 else st.one_of(leaves, bodies(depth - 1))
    properties = draw(st.dictionaries(names, members, min_size=1))
    required = draw(st.lists(st.sampled_from(sorted(properties)), unique=True))
    return {"type": "object", "properties": properties, "required": sorted(required)}


@st.composite
def instances(draw: st.DrawFn, schema: Schema) -> Any:
    """Something that a writer by this schema might send."""
    if "anyOf" in schema:
        return draw(instances(draw(st.sampled_from(schema["anyOf"]))))
    if schema["type"] == "object":
        required = set(schema["required"])
        return {
            name: draw(instances(part))
            for name, part in schema["properties"].items()
            if name in required or draw(st.booleans())
        }
    if schema["type"] == "array":
        return draw(st.lists(instances(schema["items"]), max_size=2))
    values = {"string": st.text(max_size=3), "integer": st.integers(), "boolean": st.booleans()}
    return draw(values.get(schema["type"], st.none()))


@given(bodies())
def test_nothing_changed_breaks_nothing(schema: Schema) -> None:
    assert breaking_changes(schema, copy.deepcopy(schema)) == []


@given(bodies(), leaves, st.data())
def test_an_optional_field_breaks_neither_old_nor_new_readers(
    old: Schema, leaf: Schema, data: st.DataObject
) -> None:
    new = copy.deepcopy(old)
    new["properties"]["added_later"] = leaf
    assert breaking_changes(old, new) == []
    assert Draft202012Validator(new).is_valid(data.draw(instances(old)))
    assert Draft202012Validator(old).is_valid(data.draw(instances(new)))


@given(bodies(), st.data())
def test_a_field_that_is_removed_is_named(old: Schema, data: st.DataObject) -> None:
    new = copy.deepcopy(old)
    name = data.draw(st.sampled_from(sorted(new["properties"])))
    del new["properties"][name]
    assert f"body.{name}: was removed" in breaking_changes(old, new)


@given(bodies(), leaves)
def test_a_new_field_that_is_required_is_named(old: Schema, leaf: Schema) -> None:
    new = copy.deepcopy(old)
    new["properties"]["added_later"] = leaf
    new["required"].append("added_later")
    assert breaking_changes(old, new) == ["body.added_later: became required"]


@given(bodies(), st.data())
def test_a_promise_that_is_made_or_dropped_is_named(old: Schema, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(old["properties"])))
    new = {**old, "required": sorted(set(old["required"]) ^ {name})}
    assert len(breaking_changes(old, new)) == 1


@given(bodies(), st.data())
def test_a_field_of_another_type_is_named(old: Schema, data: st.DataObject) -> None:
    new = copy.deepcopy(old)
    name = data.draw(st.sampled_from(sorted(new["properties"])))
    new["properties"][name] = data.draw(leaves.filter(lambda leaf: leaf != old["properties"][name]))
    assert any(change.startswith(f"body.{name}") for change in breaking_changes(old, new))


@given(bodies())
def test_a_change_deep_inside_is_named(inner: Schema) -> None:
    old = {"type": "object", "properties": {"deep": {"type": "array", "items": inner}}}
    other = {**inner, "required": sorted(set(inner["required"]) ^ {min(inner["properties"])})}
    new = {"type": "object", "properties": {"deep": {"type": "array", "items": other}}}
    assert [change.split(".")[1] for change in breaking_changes(old, new)] == ["deep[]"]


def test_words_may_change() -> None:
    old = {"type": "object", "properties": {"a": {"type": "string", "description": "One."}}}
    new = {"type": "object", "properties": {"a": {"type": "string", "description": "Two."}}}
    assert breaking_changes(old, new) == []


def test_a_referred_schema_is_compared_by_what_it_says() -> None:
    inline = {"properties": {"a": {"type": "string"}}}
    referred = {"properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": {"type": "string"}}}
    other = {"properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": {"type": "integer"}}}
    assert breaking_changes(inline, referred) == []
    assert len(breaking_changes(referred, other)) == 1


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema["$id"])
def test_each_event_is_compatible_with_itself_and_with_nothing_less(schema: Schema) -> None:
    assert breaking_changes(schema, schema) == []
    assert breaking_changes(schema, {**schema, "properties": {}}) != []


def test_today_keeps_every_promise_that_was_published() -> None:
    assert broken_promises(parsed(published_files()), parsed(contracts())) == []


def test_everything_is_published() -> None:
    today = {path: text for path, text in contracts().items() if path != MAP}
    assert published_files().keys() - {MAP} == today.keys(), (
        "run: python -m tests.contracts.publish"
    )


def test_an_event_or_a_topic_that_goes_is_named() -> None:
    published = parsed(contracts())
    today = dict(published)
    gone = next(path for path in today if path != MAP)
    del today[gone]
    assert broken_promises(published, today) == [f"{gone.stem}: is no longer published"]


def test_more_partitions_are_named_because_keys_would_move() -> None:
    old = parsed(contracts())[MAP]
    new = copy.deepcopy(old)
    new["channels"]["intake.notifications.v1"]["bindings"]["kafka"]["partitions"] += 1
    assert moved_channels(old, new) == ["intake.notifications.v1: its partitions changed"]
