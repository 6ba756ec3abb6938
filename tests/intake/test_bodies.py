"""Whatever JSON comes as a notification, it is accepted or refused by name, and never repeated."""

from copy import deepcopy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec import json

from services.intake.domain.notification import submission_errors
from services.intake.entrypoints.schemas import NotificationIn
from shared.errors import FieldError, Refused
from shared.web.bodies import decode_json
from tests.intake.builders import NOW, a_body

SECRET = "Zebedee Nonesuch of the osprey loch"
WORDS = st.sampled_from([SECRET, "", " ", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
                         "2026-03-28", "2026-03-28T22:30:00Z", "S12000047", "nul\0"])  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | WORDS | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(), inner),
    max_leaves=6,
)
PATHS = st.sampled_from(
    [(name,) for name in a_body()]
    + [(outer, name) for outer in ("notifier", "subject", "details") for name in a_body()[outer]]
    + [("colour",), ("details", "colour"), ("subject", SECRET)]
)


def changed(changes: list[tuple[tuple[str, ...], Any]]) -> dict[str, Any]:
    body = deepcopy(a_body())
    for path, value in changes:
        place = body if len(path) == 1 else body[path[0]]
        if isinstance(place, dict):
            place[path[-1]] = value
    return body


def refusals(body: Any) -> tuple[FieldError, ...]:
    try:
        read = decode_json(json.encode(body), NotificationIn).submission()
    except Refused as refused:
        # A refusal that names nothing fails whoever looks at its names.
        return refused.errors or (FieldError("", ""),)
    return submission_errors(read, NOW)


@given(st.lists(st.tuples(PATHS, VALUES), max_size=4))
def test_a_changed_notification_is_accepted_or_refused_by_name(
    changes: list[tuple[tuple[str, ...], Any]],
) -> None:
    errors = refusals(changed(changes))
    assert all(error.field and error.rule for error in errors)
    assert not any(SECRET in error.field + error.rule for error in errors)
    top = {path[0] for path, _ in changes}
    assert {error.field.partition(".")[0].partition("[")[0] for error in errors} <= top | {
        "aware_at",  # judged by occurred_at, as is when somebody can have been born
        "subject",
        "details",  # which fields there are follows from the kind
        "kind",
    }


@given(VALUES)
def test_whatever_is_no_notification_is_refused(value: Any) -> None:
    assert refusals(value)
