"""Whatever JSON is sent, it is either what was wanted or refused with fields, and no values."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Invalid, Refused
from shared.web.bodies import decode_json
from tests.shared.web_kit import SubjectIn, ThingIn


class Cat(msgspec.Struct, tag="cat", forbid_unknown_fields=True):
    """One of two."""

    lives: Annotated[int, msgspec.Meta(le=9)]


class Dog(msgspec.Struct, tag="dog", forbid_unknown_fields=True):
    """The other."""

    tricks: set[str]


class Everything(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """Shapes that bodies may take."""

    at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    some_pet: Cat | Dog | None = None
    by_name: dict[str, SubjectIn] = {}
    pair: tuple[int, str] = (1, "a")
    days: frozenset[date] = frozenset()
    size: Literal["small", "large"] | int = 1
    share: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.5
    code: Annotated[str, msgspec.Meta(pattern="^S12")] = "S12"
    anything: Any = None


NAMES = st.sampled_from(
    [
        "colour",
        "subject",
        "amount",
        "tags",
        "others",
        "note",
        "name",
        "date_of_birth",
        "at",
        "pair",
        "somePet",
        "byName",
        "days",
        "size",
        "share",
        "code",
        "type",
        "lives",
        "tricks",
        "anything",
    ]
)
TEXT = st.text(max_size=5)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT
VALUES = LEAVES | st.sampled_from(["red", "2012-03-04", "2026-03-28T22:30:00Z", "cat", "small"])
JSON = st.recursive(
    VALUES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6)
)


def refusal(body: bytes, wanted: Any) -> Refused | None:
    """How `body` is refused, if it is."""
    try:
        decode_json(body, wanted)
    except Refused as refused:
        return refused
    return None


@given(JSON, st.sampled_from([ThingIn, Everything, list[SubjectIn], SubjectIn | None]))
def test_every_refusal_names_a_field(value: Any, wanted: Any) -> None:
    refused = refusal(msgspec.json.encode(value), wanted)
    if refused is not None:
        assert refused.errors
        assert all(error.field and error.rule for error in refused.errors)


@given(st.binary(max_size=50))
def test_bytes_that_are_no_thing_are_refused(body: bytes) -> None:
    refused = refusal(body, ThingIn)
    assert refused is not None
    assert refused.detail


@pytest.mark.parametrize(
    ("body", "field", "rule"),
    [
        (b'{"at": "2026-03-28T22:30:00"}', "at", "must say its offset from UTC"),
        (b'{"at": "2026-13-28T22:30:00Z"}', "at", "must be a date and time with its offset"),
        (b'{"byName": {"a": {"name": "x"}}}', "byName.a.date_of_birth", "is required"),
        (b'{"pair": [1, 2]}', "pair", "must be text"),
        (b'{"pair": [1, "a"], "share": 0}', "share", "must be more than 0"),
        (b'{"days": ["2026-02-30"]}', "days[0]", "must be a date"),
        (b'{"share": 1}', "share", "must be less than 1"),
        (b'{"code": "Alex"}', "code", "is not in the expected form"),
        (b'{"size": "Alex"}', "size", "is not known"),
        (b'{"somePet": {"type": "cat", "lives": 10}}', "somePet", "must be 9 or less"),
        (b'{"somePet": {"type": "Alex"}}', "somePet", "is not"),
        (b'{"some_pet": null}', "some_pet", "is not a field that is known here"),
        (b"[]", "body", "must be an object"),
        (b"null", "body", "must be an object"),
    ],
)
def test_each_shape_has_its_words(body: bytes, field: str, rule: str) -> None:
    with pytest.raises(Invalid) as refused:
        decode_json(body, Everything)
    (error,) = refused.value.errors
    assert error.field == field
    assert error.rule.startswith(rule)
    assert "Alex" not in error.rule
