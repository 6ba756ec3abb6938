"""Every kind of the domain is declared, and accepted or refused by what is declared of it."""

from csv import DictReader
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import services.deadlines.rules
from services.intake.domain.kinds import LateReason, kinds, kinds_in
from services.intake.domain.notification import submission_errors
from tests.intake.builders import NOW, begun, of_kind

# Who notifies what, as the domain's first table has it.
NOTIFIERS = {
    "death-looked-after-child": ["local authority"],
    "death-continuing-care": ["local authority"],
    "death-aftercare": ["local authority"],
    "initial-case-review-child": ["child protection committee"],
    "significant-case-review-child": ["child protection committee"],
    "learning-review-child": ["child protection committee"],
    "significant-case-review-adult": ["adult protection committee"],
    "learning-review-adult": ["adult protection committee"],
    "serious-incident-justice": ["justice social work"],
    "large-scale-investigation-adult": ["local authority", "partnership"],
}
ACCEPTED = sorted(NOTIFIERS.keys() - {"significant-case-review-adult"})
SUPERSEDED = ["initial-case-review-child", "significant-case-review-child"]


def rules(kind: str, on: datetime) -> list[str]:
    errors = submission_errors(of_kind(kind, occurred_at=on), NOW)
    return [error.rule for error in errors if error.field == "kind"]


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def test_the_kinds_and_who_notifies_them_are_those_of_the_domain() -> None:
    assert {name: list(kind.notifiers) for name, kind in kinds().items()} == NOTIFIERS


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_kind_is_accepted_with_the_fields_it_declares(name: str) -> None:
    assert submission_errors(of_kind(name), NOW) == ()


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_kind_names_each_field_it_requires_and_none_that_it_does_not(name: str) -> None:
    required = [field.name for field in kinds()[name].fields if field.required]
    errors = submission_errors(of_kind(name, details={}, subject=None), NOW)
    subject = ["subject"] if kinds()[name].subject_required else []
    assert [error.field for error in errors] == subject + [f"details.{one}" for one in required]


def test_a_childs_death_needs_what_the_official_page_asks_for() -> None:
    fields = {field.name: field.required for field in kinds()["death-looked-after-child"].fields}
    assert fields == {"legal_basis": True, "residing_at_death": True, "circumstances": False}


def test_a_review_of_an_adults_case_is_refused_with_the_reason_and_where_to_write() -> None:
    (rule,) = rules("significant-case-review-adult", datetime(2020, 1, 1, tzinfo=UTC))
    assert "has not been given effect" in rule
    assert "strategic.scrutiny@example.org" in rule


@pytest.mark.parametrize(
    ("day", "accepted"),
    [
        (date(2019, 11, 4), False),
        (date(2019, 11, 5), True),
        (date(2022, 5, 25), True),
        (date(2022, 5, 26), False),
    ],
)
def test_once_given_effect_such_reviews_are_accepted_by_when_they_began(
    day: date, accepted: bool
) -> None:
    in_effect = replace(kinds()["significant-case-review-adult"], refused=None)
    assert (in_effect.why_not(day) is None) is accepted


@pytest.mark.parametrize("name", SUPERSEDED)
def test_old_reviews_of_childrens_cases_are_accepted_and_newer_ones_are_not(name: str) -> None:
    assert rules(name, noon(date(2021, 8, 31))) == []
    (rule,) = rules(name, noon(date(2021, 9, 1)))
    assert "began before 2021-09-01" in rule


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("learning-review-child", date(2021, 9, 1)),
        ("learning-review-adult", date(2022, 5, 26)),
    ],
)
def test_learning_reviews_are_accepted_from_their_first_day(name: str, first: date) -> None:
    assert rules(name, noon(first)) == []
    (rule,) = rules(name, noon(first - timedelta(days=1)))
    assert f"on or after {first.isoformat()}" in rule


def test_the_day_something_began_is_a_day_in_scotland() -> None:
    # 23:30 UTC on 31 August 2021 is half past midnight on 1 September there.
    late = datetime(2021, 8, 31, 23, 30, tzinfo=UTC)
    assert rules("learning-review-child", late) == []
    assert rules("initial-case-review-child", late) != []


def test_what_is_handed_in_later_is_what_deadlines_has_obligations_for() -> None:
    versions = Path(services.deadlines.rules.__path__[0]).glob("*/rules.csv")
    newest = max(versions, key=lambda path: int(path.parent.name))
    with newest.open(encoding="utf-8") as file:
        rows = [(row["kind"], row["obligation"]) for row in DictReader(file)]
    obligations = {(kind, obligation) for kind, obligation in rows if obligation != "notify"}
    assert {(name, stage) for name, kind in kinds().items() for stage in kind.stages} == obligations


def test_a_kind_that_nobody_declared_is_refused_with_those_there_are() -> None:
    errors = submission_errors(replace(of_kind("death-aftercare"), kind="death"), NOW)
    (error,) = errors
    assert error.field == "kind"
    assert all(name in error.rule for name in NOTIFIERS)


def test_every_accepted_kind_can_have_begun_before_now() -> None:
    assert all(begun(kinds()[name]) < NOW for name in ACCEPTED)


@pytest.mark.parametrize(("days", "wanted"), [(7, []), (8, ["late_reason"])])
def test_a_late_initial_case_review_says_why_it_is_late(days: int, wanted: list[str]) -> None:
    aware = datetime(2021, 8, 2, 12, tzinfo=UTC)
    given = of_kind("initial-case-review-child", occurred_at=aware, late_reason=None)
    errors = submission_errors(given, aware + timedelta(days=days))
    assert [error.field for error in errors] == wanted
    excused = replace(given, late_reason="The committee met late")
    assert submission_errors(excused, aware + timedelta(days=days)) == ()


def test_the_days_after_which_lateness_needs_a_reason_are_those_of_the_governing_rule() -> None:
    (file,) = Path(services.deadlines.rules.__path__[0]).glob("1/rules.csv")
    with file.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in DictReader(lines) if row["governing"] == "yes"]
    for name, kind in kinds().items():
        asked = dict(kind.late_reasons)
        if kind.late_reason_after_days is not None:
            asked["notify"] = LateReason(kind.late_reason_after_days, "aware_at")
        for obligation, late in asked.items():
            found = [row for row in rows if (row["kind"], row["obligation"]) == (name, obligation)]
            assert [(row["anchor"], row["amount"], row["unit"]) for row in found] == [
                (late.since, str(late.after_days), "calendar_days")
            ]


def test_every_anchor_that_a_rule_counts_from_can_be_recorded_for_its_kind() -> None:
    (file,) = Path(services.deadlines.rules.__path__[0]).glob("1/rules.csv")
    with file.open(encoding="utf-8", newline="") as lines:
        for row in DictReader(lines):
            kind = kinds()[row["kind"]]
            assert row["anchor"] != "decided_at" or kind.decisions
            assert row["anchor"] != "ratified_at" or kind.ratified


NEW_KIND = """
[missing-child-review]
title = "Review after a child was missing"
notifiers = ["local authority"]
subject = "required"
stages = ["first-report", "second-report"]
decisions = ["learning-review", "no-learning-review"]
ratified = true
late_reason_after_days = 3

[missing-child-review.decided]
learning-review = "It was decided to look deeper."

[missing-child-review.fields]
days_missing = { type = "text", required = true, label = "For how many days" }
"""


def test_a_kind_is_added_by_data_alone() -> None:
    kind = kinds_in(NEW_KIND)["missing-child-review"]
    assert kind.why_not(date(2026, 3, 1)) is None
    assert (kind.stages, kind.ratified) == (("first-report", "second-report"), True)
    assert kind.decisions["learning-review"] == "It was decided to look deeper."
    assert "not to undertake" in kind.decisions["no-learning-review"]
    assert [field.name for field in kind.fields] == ["days_missing"]
