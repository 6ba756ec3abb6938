"""When a report is so late that it must say why: at the end of a local day, whatever the clocks."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.deadlines.domain.case import Case as CaseWithClocks
from services.deadlines.domain.facts import Completion, Facts
from services.deadlines.domain.states import State
from services.intake.domain.case import Case
from services.intake.domain.kinds import COUNTED_FROM, kinds, kinds_in
from services.intake.domain.lateness import is_late, late_report_errors
from shared.clock import LONDON, london_date
from tests.deadlines.builders import RULEBOOK
from tests.intake.builders import FIFE

TICK = timedelta(microseconds=1)
MOMENTS = st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
DAYS = st.integers(0, 500)
AWARE = datetime(2021, 3, 20, 23, 59, tzinfo=UTC)
# Day 14 is 3 April; the clocks went forward on 28 March, so it ends an hour earlier.
LAST = datetime(2021, 4, 3, 23, tzinfo=UTC) - TICK
WHY = "The agency had no records"


def a_review(**given: datetime) -> Case:
    """An initial case review."""
    dates: dict[str, Any] = {**dict.fromkeys(COUNTED_FROM, AWARE), **given}
    return Case(
        id="case-1", reference="SS-2026-00000000", kind="initial-case-review-child", area=FIFE,
        status="received", version=1, sent_by="person-1", **dates,
    )  # fmt: skip


def wanted(case: Case, stage: str, reason: str | None, now: datetime) -> list[str]:
    return [error.field for error in late_report_errors(case, stage, reason, now)]


@given(since=MOMENTS, days=DAYS)
def test_the_last_day_is_in_time_up_to_its_end(since: datetime, days: int) -> None:
    next_day = london_date(since) + timedelta(days=days + 1)
    ends = datetime.combine(next_day, time.min, LONDON).astimezone(UTC)
    assert not is_late(since, days, ends - TICK)
    assert is_late(since, days, ends)


@given(since=MOMENTS, days=DAYS, at=MOMENTS, later=st.timedeltas(timedelta(0), timedelta(900)))
def test_what_is_late_stays_late_and_more_days_are_more_lenient(
    since: datetime, days: int, at: datetime, later: timedelta
) -> None:
    assert is_late(since, days, at) <= is_late(since, days, at + later)
    assert is_late(since, days + 1, at) <= is_late(since, days, at)
    assert not is_late(since, days, since)


@given(aware=st.datetimes(datetime(2015, 1, 1), datetime(2021, 8, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
       after=st.timedeltas(timedelta(0), timedelta(30)))  # fmt: skip
def test_a_reason_is_required_exactly_where_the_clock_says_late(
    aware: datetime, after: timedelta
) -> None:
    at = aware + after
    facts = Facts(aware, aware, aware, completions=(Completion("agency-report", at),))
    case = CaseWithClocks("x", "x", "initial-case-review-child", FIFE, "1", facts, aware)
    clocks = {clock.rule.id: clock for clock in RULEBOOK.clocks(case, at)}
    late = clocks["icr-agency-report-14d"].state is State.MET_LATE
    review = a_review(aware_at=aware)
    assert wanted(review, "agency-report", None, at) == (["late_reason"] if late else [])
    assert wanted(review, "agency-report", WHY, at) == []


@pytest.mark.parametrize(("at", "fields"), [(LAST, []), (LAST + TICK, ["late_reason"])])
def test_an_agency_report_on_its_last_day_needs_no_reason(at: datetime, fields: list[str]) -> None:
    assert wanted(a_review(), "agency-report", None, at) == fields
    earlier = AWARE - timedelta(days=1)
    assert wanted(a_review(occurred_at=earlier), "agency-report", None, at) == fields


def test_the_rule_names_how_long_and_since_when() -> None:
    (error,) = late_report_errors(a_review(), "agency-report", None, LAST + TICK)
    assert error.rule == (
        "is required for this stage later than 14 days after the service became aware"
    )


def test_no_other_stage_of_any_kind_asks_for_a_reason() -> None:
    asking = [(name, stage) for name, kind in kinds().items() for stage in kind.late_reasons]
    assert asking == [("initial-case-review-child", "agency-report")]
    death = replace(a_review(), kind="death-looked-after-child")
    assert wanted(death, "report", None, LAST + timedelta(days=999)) == []


KIND = """
[review]
title = "Review"
notifiers = ["local authority"]
subject = "required"
stages = ["report"]
decisions = []
late_reasons.{stage} = {{ after_days = {days}, since = "{since}" }}
fields = {{}}
"""


@pytest.mark.parametrize("since", COUNTED_FROM)
def test_a_stage_asks_for_a_reason_by_data_alone(since: str) -> None:
    kind = kinds_in(KIND.format(stage="report", days=0, since=since))["review"]
    asked = kind.late_reasons["report"]
    assert (asked.after_days, asked.since) == (0, since)


@pytest.mark.parametrize(
    ("stage", "days", "since", "told"),
    [
        ("reply", "14", "aware_at", "review.late_reasons.reply must be one of the kind's stages"),
        ("report", "-1", "aware_at", "report.after_days must be a whole number"),
        ("report", "true", "aware_at", "report.after_days must be a whole number"),
        ("report", '"14"', "aware_at", "report.after_days must be a whole number"),
        ("report", "14", "decided_at", "report.since must be one of: occurred_at"),
    ],
)
def test_a_mistake_in_the_data_is_named_where_it_stands(
    stage: str, days: str, since: str, told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        kinds_in(KIND.format(stage=stage, days=days, since=since))
