"""What is asked of a notification, a report, a decision and a review, whatever is sent."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.case import Case, decision_errors, review_errors, stage_errors
from services.intake.domain.details import LONGEST_TEXT, detail_errors
from services.intake.domain.kinds import DetailField, kinds
from services.intake.domain.notification import Notifier, Subject, submission_errors
from services.intake.domain.reference import new_reference
from services.intake.domain.timeline import clock_text
from shared.areas import COUNCIL_AREAS
from shared.errors import FieldError
from tests.intake.builders import NOW, OCCURRED, a_submission

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
ANY_MOMENT = st.datetimes(timezones=OFFSETS)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
)


def fields(errors: Any) -> list[str]:
    return [error.field for error in errors]


def a_case(**given: Any) -> Case:
    defaults: dict[str, Any] = {
        "id": "case-1", "reference": "SS-2026-00000000", "kind": "death-looked-after-child",
        "area": "S12000047", "status": "received", "occurred_at": OCCURRED, "aware_at": OCCURRED,
        "received_at": NOW, "version": 1, "sent_by": "person-1",
    }  # fmt: skip
    return Case(**(defaults | given))


@given(occurred=ANY_MOMENT, aware=st.none() | ANY_MOMENT)
def test_moments_are_accepted_exactly_when_they_are_in_order_and_past(
    occurred: datetime, aware: datetime | None
) -> None:
    sent = a_submission(occurred_at=occurred, aware_at=aware)
    latest = NOW + timedelta(minutes=5)
    wrong = set(fields(submission_errors(sent, NOW)))
    assert ("occurred_at" in wrong) == (
        occurred > latest or occurred < datetime(1900, 1, 1, tzinfo=UTC)
    )
    late = aware is not None and (aware < occurred or aware > latest)
    assert ("aware_at" in wrong) == late


@given(details=st.dictionaries(st.text(max_size=30), JSON, max_size=5))
def test_details_of_any_shape_are_answered_and_never_repeated(details: dict[str, Any]) -> None:
    errors = submission_errors(a_submission(details=details), NOW)
    assert {"details.legal_basis", "details.residing_at_death"} <= set(fields(errors))
    values = [value for value in details.values() if isinstance(value, str) and len(value) > 12]
    assert not any(value in error.rule for value in values for error in errors)


@given(area=st.text(max_size=12))
def test_only_council_areas_are_areas(area: str) -> None:
    wrong = "area" in fields(submission_errors(a_submission(area=area), NOW))
    assert wrong == (area not in COUNCIL_AREAS)


@given(name=st.text(), born=st.dates())
def test_a_person_has_a_name_and_was_born_before_it_happened(name: str, born: date) -> None:
    wrong = set(fields(submission_errors(a_submission(subject=Subject(name, born)), NOW)))
    assert ("subject.name" in wrong) == (not name.strip())
    possible = date(1896, 1, 1) <= born <= date(2026, 3, 28)
    assert ("subject.date_of_birth" in wrong) == (not possible)


def test_every_broken_rule_is_named_at_once() -> None:
    sent = a_submission(
        kind="learning-review-adult",
        area="Fife",
        occurred_at=datetime(2021, 1, 1, tzinfo=UTC),
        aware_at=datetime(2020, 1, 1, tzinfo=UTC),
        notifier=Notifier(" ", "\t", "Manager", "duty@example.org"),
        subject=Subject("", date(2022, 1, 1)),
        details={"colour": "red"},
    )
    assert fields(submission_errors(sent, NOW)) == [
        "kind",
        "area",
        "aware_at",
        "notifier.organisation",
        "notifier.name",
        "subject.name",
        "subject.date_of_birth",
        "details.reason",
        "details.colour",
    ]


def test_becoming_aware_is_at_once_unless_something_else_is_said() -> None:
    assert a_submission().aware == OCCURRED
    later = OCCURRED + timedelta(hours=3)
    assert a_submission(aware_at=later).aware == later


def test_a_senders_clock_may_run_a_little_ahead() -> None:
    soon = replace(a_submission(), occurred_at=NOW + timedelta(minutes=5))
    assert submission_errors(soon, NOW) == ()
    late = replace(soon, occurred_at=NOW + timedelta(minutes=5, microseconds=1))
    assert fields(submission_errors(late, NOW)) == ["occurred_at"]


FIELDS = (
    DetailField("order", "choice", required=True, label="Order", choices=("cpo", "dtto")),
    DetailField("on", "date", required=False, label="Day"),
    DetailField("story", "text", required=False, label="Story"),
)


@pytest.mark.parametrize(
    ("details", "rule"),
    [
        ({}, FieldError("details.order", "is required for this kind")),
        ({"order": ""}, FieldError("details.order", "is required for this kind")),
        ({"order": None}, FieldError("details.order", "is required for this kind")),
        ({"order": "  "}, FieldError("details.order", "must not be blank")),
        ({"order": "CPO"}, FieldError("details.order", "must be one of: cpo, dtto")),
        ({"order": 1}, FieldError("details.order", "must be text")),
        ({"order": ["cpo"]}, FieldError("details.order", "must be text")),
        ({"order": "cpo", "on": "28.3."},
         FieldError("details.on", "must be a date, such as 2026-03-28")),
        ({"order": "cpo", "on": "2026-W13-6"},
         FieldError("details.on", "must be a date, such as 2026-03-28")),
        ({"order": "cpo", "story": "x" * (LONGEST_TEXT + 1)},
         FieldError("details.story", "must be at most 20000 characters long")),
        ({"order": "cpo", "Zebedee Nonesuch": "x"},
         FieldError("details.(unknown)", "is not a field of this kind")),
        ({"order": "cpo", "ordre": "x"},
         FieldError("details.ordre", "is not a field of this kind")),
    ],
)  # fmt: skip
def test_a_field_is_held_to_what_is_declared(details: dict[str, Any], rule: FieldError) -> None:
    assert detail_errors(FIELDS, details) == [rule]


def test_fields_that_keep_the_rules_are_accepted() -> None:
    assert detail_errors(FIELDS, {"order": "dtto", "on": "2026-03-28", "story": "x"}) == []


def test_references_are_speakable_and_never_the_same() -> None:
    made = {new_reference(2026) for _ in range(10_000)}
    assert len(made) == 10_000
    assert all(len(one) == 16 and one.startswith("SS-2026-") for one in made)
    assert not set("ILOU") & set("".join(one[8:] for one in made))


@pytest.mark.parametrize("name", list(kinds()))
def test_only_the_stages_of_its_kind_are_handed_in_for_a_case(name: str) -> None:
    case = a_case(kind=name)
    stages = kinds()[name].stages
    assert all(stage_errors(case, stage) == () for stage in stages)
    (error,) = stage_errors(case, "notify")
    assert (error.field, all(stage in error.rule for stage in stages)) == ("stage", True)


def test_a_decision_is_one_of_the_kinds_and_made_after_it_happened() -> None:
    case = a_case()
    assert decision_errors(case, "learning-review", NOW, NOW) == ()
    assert decision_errors(case, "no-learning-review", OCCURRED, NOW) == ()
    early = OCCURRED - timedelta(microseconds=1)
    assert fields(decision_errors(case, "maybe", early, NOW)) == ["decision", "at"]
    assert fields(decision_errors(case, "learning-review", NOW + timedelta(1), NOW)) == ["at"]
    assert fields(
        decision_errors(a_case(kind="large-scale-investigation-adult"), "learning-review", NOW, NOW)
    ) == ["decision"]


def test_a_review_has_an_outcome_and_feedback_one_can_use() -> None:
    assert review_errors("accepted", "Clear and complete.") == ()
    assert fields(review_errors("fine", " ")) == ["outcome", "feedback"]


def test_a_timeline_is_plain_english() -> None:
    hours = {"rule": "r-24h", "obligation": "notify", "due_at": "2026-03-29T22:30:00Z"}
    assert clock_text("clock.started", hours) == (
        "The clock r-24h for the notification started; it is due at 23:30 on 29 March 2026."
    )
    days = {"rule": "r", "obligation": "agency-report", "due_at": "2026-04-25T23:00:00Z"}
    assert clock_text("clock.started", days) == (
        "The clock r for the agency report started; it is due by the end of 25 April 2026."
    )
    assert "has no date" in clock_text("clock.started", days | {"due_at": None})
    assert clock_text("clock.met", hours | {"late": True}) == (
        "The notification was late under r-24h."
    )
