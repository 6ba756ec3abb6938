"""Who is reminded when: hand-checked instants, and what must hold for every ladder."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.deadlines.domain.ladder import (
    Audience,
    Deadline,
    Reached,
    Rung,
    Side,
    Verdict,
    laid,
    verdicts,
)
from services.deadlines.domain.local_time import end_of
from services.deadlines.storage.reminder_files import load_ladders
from services.deadlines.storage.rule_checks import RuleFileBroken
from tests.deadlines.official import HOME, RULES

LONDON = ZoneInfo("Europe/London")
INSPECTOR = Audience.LINK_INSPECTOR
LONG_KNOWN = datetime(2020, 1, 1, tzinfo=UTC)
EVERY = settings(max_examples=300, deadline=None)

rungs = st.builds(
    Rung,
    name=st.uuids().map(str),
    side=st.sampled_from(Side),
    hours=st.just(0),
    days=st.integers(1, 40),
    to=st.sampled_from(Audience),
) | st.builds(
    Rung,
    name=st.uuids().map(str),
    side=st.sampled_from(Side),
    hours=st.integers(1, 500),
    days=st.just(0),
    to=st.sampled_from(Audience),
)
ladders = st.lists(rungs, max_size=8, unique_by=lambda rung: rung.name).map(tuple)
due_days = st.dates(date(2024, 1, 1), date(2028, 12, 31))
looks = st.lists(st.integers(-60 * 24, 60 * 24), min_size=1, max_size=12)


def due_by_the_end_of(day: date, known_at: datetime = LONG_KNOWN) -> Deadline:
    return Deadline(end_of(day), day, known_at)


def instants(*wanted: Rung, day: date, known_at: datetime = LONG_KNOWN) -> list[str]:
    found = laid(wanted, due_by_the_end_of(day, known_at))
    return [f"{each.at:%Y-%m-%d %H:%M}" for each in found]


@pytest.mark.parametrize(
    ("side", "days", "hours", "day", "instant"),
    [
        # By the end of Sunday 29 March 2026, the day of 23 hours: due at 23:00 UTC.
        (Side.BEFORE, 1, 0, date(2026, 3, 29), "2026-03-29 00:00"),
        (Side.AFTER, 0, 0, date(2026, 3, 29), "2026-03-29 23:00"),
        (Side.AFTER, 1, 0, date(2026, 3, 29), "2026-03-30 23:00"),
        (Side.BEFORE, 0, 24, date(2026, 3, 29), "2026-03-28 23:00"),
        (Side.BEFORE, 7, 0, date(2026, 4, 2), "2026-03-27 00:00"),
        # By the end of Sunday 25 October 2026, the day of 25 hours: due at midnight UTC.
        (Side.BEFORE, 1, 0, date(2026, 10, 25), "2026-10-24 23:00"),
        (Side.AFTER, 0, 0, date(2026, 10, 25), "2026-10-26 00:00"),
        (Side.AFTER, 0, 24, date(2026, 10, 25), "2026-10-27 00:00"),
        (Side.AFTER, 7, 0, date(2026, 10, 20), "2026-10-28 00:00"),
    ],
)
def test_rungs_are_reached_at_local_midnights_or_after_elapsed_hours(
    side: Side, days: int, hours: int, day: date, instant: str
) -> None:
    assert instants(Rung("one", side, hours, days, INSPECTOR), day=day) == [instant]


def test_a_case_that_comes_overdue_is_not_warned_and_escalates_from_its_coming() -> None:
    ladder = RULES.of("death-looked-after-child")[-1].reminders
    came = datetime(2026, 6, 1, 10, tzinfo=UTC)
    assert instants(*ladder, day=date(2026, 3, 10), known_at=came) == [
        "2026-06-01 10:00",  # overdue, at once
        "2026-06-04 23:00",  # the support team, when three whole days have passed
        "2026-06-08 23:00",
        "2026-06-15 23:00",
    ]


def _same(one: Reached, other: Reached) -> bool:
    return (one.at, one.rung.to, one.rung.side) == (other.at, other.rung.to, other.rung.side)


@EVERY
@given(ladders, due_days)
def test_what_warns_comes_before_the_due_date_and_what_urges_not(
    ladder: tuple[Rung, ...], day: date
) -> None:
    deadline = due_by_the_end_of(day)
    for each in laid(ladder, deadline):
        assert (each.at < deadline.due_at) == each.rung.before


@EVERY
@given(ladders, due_days, looks)
def test_however_often_anybody_looks_each_rung_is_decided_once_and_never_early(
    ladder: tuple[Rung, ...], day: date, hours: list[int]
) -> None:
    deadline, told = due_by_the_end_of(day), dict[str, Verdict]()
    for hour in hours:  # in any order: the clock may be turned back
        now = deadline.due_at + timedelta(hours=hour)
        found = [each for each in laid(ladder, deadline) if each.at <= now]
        for each, verdict in verdicts(found, told, warnings_over=False):
            assert each.at <= now
            assert each.rung.name not in told
            told[each.rung.name] = verdict
    latest = deadline.due_at + timedelta(hours=max(hours))
    assert set(told) == {each.rung.name for each in laid(ladder, deadline) if each.at <= latest}


@EVERY
@given(ladders, due_days)
def test_looking_at_every_rung_in_time_tells_all_of_them(
    ladder: tuple[Rung, ...], day: date
) -> None:
    deadline, told = due_by_the_end_of(day), set[str]()
    every = laid(ladder, deadline)
    for each in every:
        found = [one for one in every if one.at <= each.at]
        for one, verdict in verdicts(found, told, warnings_over=False):
            # Two for the same people at one instant are one too many.
            twins = [other for other in every if _same(other, one)]
            assert verdict is Verdict.TELL or len(twins) > 1
            told.add(one.rung.name)


@EVERY
@given(ladders, due_days, st.integers(-60 * 24, 60 * 24))
def test_of_what_was_missed_each_hears_at_most_once_on_each_side_and_of_the_latest(
    ladder: tuple[Rung, ...], day: date, hour: int
) -> None:
    deadline = due_by_the_end_of(day)
    now = deadline.due_at + timedelta(hours=hour)
    found = [each for each in laid(ladder, deadline) if each.at <= now]
    told = [each for each, verdict in verdicts(found, (), warnings_over=False) if verdict == "told"]
    assert len({(each.rung.to, each.rung.side) for each in told}) == len(told)
    assert {each.rung.to for each in told} == {each.rung.to for each in found}
    for each in told:
        same = [one.at for one in found
                if (one.rung.to, one.rung.side) == (each.rung.to, each.rung.side)]  # fmt: skip
        assert each.at == max(same)


@EVERY
@given(ladders, due_days)
def test_nobody_is_warned_of_what_was_told_as_overdue(ladder: tuple[Rung, ...], day: date) -> None:
    every = laid(ladder, due_by_the_end_of(day))
    for each, verdict in verdicts(every, (), warnings_over=True):
        assert verdict is Verdict.LEAVE or not each.rung.before


@EVERY
@given(ladders, due_days)
def test_days_begin_at_local_midnight(ladder: tuple[Rung, ...], day: date) -> None:
    for each in laid(ladder, due_by_the_end_of(day)):
        if each.rung.days:
            assert each.at.astimezone(LONDON).time().isoformat() == "00:00:00"


def test_every_rule_that_counts_has_a_ladder_that_ends_with_the_chief_inspector() -> None:
    for rule in RULES.rules:
        if rule.amount is not None:
            assert [rung.name for rung in rule.reminders if rung.name == "overdue"]
            assert rule.reminders[-1].to is Audience.CHIEF_INSPECTOR


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("fortnights,one,after,,1,support-team", "applies_to: write a unit or the id of a rule"),
        ("hours,one two,after,,1,support-team", "rung: write letters, digits and hyphens"),
        ("hours,one,beside,,1,support-team", "side: write one of before, after, not 'beside'"),
        ("hours,one,after,,1,everybody", "to: write one of link-inspector, support-team"),
        ("hours,one,after,1,1,support-team", "hours, days: write a whole number of at least 1"),
        ("hours,one,after,,-1,support-team", "hours, days: write a whole number of at least 1"),
        ("hours,one,before,,,link-inspector", "a reminder before the due date needs a distance"),
        ("hours,overdue,after,,,support-team", "rung: write another name"),
    ],
)
def test_a_mistake_in_a_ladder_is_named_with_its_remedy(
    tmp_path: Path, row: str, said: str
) -> None:
    file = tmp_path / "reminders.csv"
    checked_in = (HOME / "rules" / "1" / "reminders.csv").read_text()
    file.write_text(f"{checked_in}{row}\n")
    with pytest.raises(RuleFileBroken, match=r"reminders\.csv") as broken:
        load_ladders(file, {rule.id for rule in RULES.rules})
    assert said in str(broken.value)
