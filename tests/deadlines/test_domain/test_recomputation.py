"""A clock that a changed calendar cannot move is passed over; every other is counted again."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from services.deadlines.domain.calendar import Calendar, calendars
from services.deadlines.domain.calendar_making import differences
from services.deadlines.domain.clock import Clock, derive_clock
from services.deadlines.domain.count import BeyondReach
from services.deadlines.domain.facts import Facts, Regime
from services.deadlines.domain.recomputation import may_move
from services.deadlines.domain.rules import Rule, Unit
from tests.deadlines.calendar_kit import REPORT
from tests.deadlines.official import CALENDARS, FIFE, RULES
from tests.deadlines.test_domain.test_history_properties import facts_in_regimes
from tests.deadlines.test_domain.test_properties import COUNTING, INSTANTS

SCOTLAND = CALENDARS.by_id["scotland"]
BEGUN = datetime(2026, 3, 2, 12, tzinfo=UTC)


def rule(days: int) -> Rule:
    found = RULES.rule(REPORT)
    assert found is not None
    return replace(found, unit=Unit.WORKING_DAYS, amount=days, calendar="area")


def turned(days: list[date]) -> Calendar:
    """Scotland's calendar, but on these days it is the other way round."""
    holidays = dict(SCOTLAND.holidays)
    for day in days:
        if holidays.pop(day, None) is None:
            holidays[day] = "A local holiday"
    return replace(SCOTLAND, version="2", holidays=holidays)


def counted(facts: Facts, days: int, by: Calendar, as_at: datetime = BEGUN) -> Clock:
    return derive_clock(rule(days), facts, FIFE, calendars([by]), as_at)


@COUNTING
@given(
    facts_in_regimes(), st.integers(1, 60), st.lists(st.integers(-20, 150), max_size=8), INSTANTS
)
def test_what_is_passed_over_does_not_move(
    facts: Facts, days: int, changed: list[int], as_at: datetime
) -> None:
    near = facts.occurred_at.date()
    after = turned([near + timedelta(days=number) for number in set(changed)])
    try:
        one, other = (counted(facts, days, by, as_at) for by in (SCOTLAND, after))
    except BeyondReach:
        assume(False)
        raise
    wrong = differences(SCOTLAND, after).days
    passed_over = not may_move(facts.anchor(one.rule.anchor), one.counted.due_on, wrong)
    event(f"passed over: {passed_over}, moved: {one.due_at != other.due_at}")
    if passed_over:
        assert (one.due_at, one.counted.due_on) == (other.due_at, other.counted.due_on)
        assert (one.warn_at, one.discuss, one.state) == (other.warn_at, other.discuss, other.state)


DUE = date(2026, 3, 16)


@pytest.mark.parametrize(("day", "may"), [
    (date(2026, 3, 2), False), (date(2026, 3, 3), True), (DUE, True), (date(2026, 3, 17), False),
])  # fmt: skip
def test_the_first_and_the_last_day_of_a_count_are_looked_at(day: date, may: bool) -> None:
    facts = Facts(occurred_at=BEGUN, aware_at=BEGUN)
    before, after = counted(facts, 10, SCOTLAND), counted(facts, 10, turned([day]))
    assert before.counted.due_on == DUE
    assert may_move(BEGUN, DUE, [day]) is may
    assert (after.due_at != before.due_at) is may


def test_a_regime_that_a_moved_date_runs_into_is_seen() -> None:
    regime = Regime("r", "Covid-19", DUE + timedelta(days=1), None)
    facts = Facts(occurred_at=BEGUN, aware_at=BEGUN, regimes=(regime,))
    assert not counted(facts, 10, SCOTLAND).discuss
    assert counted(facts, 10, turned([DUE])).discuss
    assert may_move(BEGUN, DUE, [DUE])


def test_what_has_no_count_cannot_move() -> None:
    assert not may_move(None, DUE, [DUE])
    assert not may_move(BEGUN, None, [DUE])
