"""What must hold for every count, whatever the facts."""

import itertools
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from services.deadlines.domain.calendar import Calendar
from services.deadlines.domain.clock import Clock, derive_clocks
from services.deadlines.domain.count import Why
from services.deadlines.domain.facts import (
    DECISIONS,
    Completion,
    Decision,
    Extension,
    Facts,
    Pause,
)
from services.deadlines.domain.local_time import end_of, midnight
from services.deadlines.domain.pauses import standstill
from services.deadlines.domain.rules import Unit
from services.deadlines.domain.states import State
from tests.deadlines.official import CALENDARS, FIFE, RULES

LONDON = ZoneInfo("Europe/London")
DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2060, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
OBLIGATIONS = sorted({rule.obligation for rule in RULES.rules})
KINDS = st.sampled_from(list(RULES.by_kind))
TICK = timedelta(microseconds=1)

COUNTING = settings(max_examples=150, deadline=None)


@st.composite
def pauses(draw: st.DrawFn, near: date, *, closed: bool = False) -> Pause:
    starts = near + timedelta(days=draw(st.integers(-30, 120)))
    length = draw(st.integers(0, 60) if closed else st.none() | st.integers(0, 60))
    ends = None if length is None else starts + timedelta(days=length)
    return Pause(draw(st.sampled_from(OBLIGATIONS)), starts, ends)


@st.composite
def facts(draw: st.DrawFn, *, closed: bool = False) -> Facts:
    occurred = draw(INSTANTS)
    soon = st.timedeltas(timedelta(), timedelta(days=60)).map(lambda later: occurred + later)
    near = occurred.date()
    decision = st.builds(Decision, st.sampled_from(DECISIONS), soon)
    completion = st.builds(Completion, st.sampled_from(OBLIGATIONS), soon)
    extension = st.builds(Extension, st.sampled_from(OBLIGATIONS), st.integers(1, 50))
    return Facts(
        occurred_at=occurred,
        aware_at=draw(soon),
        received_at=draw(st.none() | soon),
        ratified_at=draw(st.none() | soon),
        decisions=tuple(draw(st.lists(decision, max_size=3))),
        completions=tuple(draw(st.lists(completion, max_size=2))),
        pauses=tuple(draw(st.lists(pauses(near, closed=closed), max_size=4))),
        extensions=tuple(draw(st.lists(extension, max_size=3))),
    )


def clocks(kind: str, known: Facts, as_at: datetime) -> tuple[Clock, ...]:
    return derive_clocks(RULES.of(kind), known, FIFE, CALENDARS, as_at)


def with_(known: Facts, **more: object) -> Facts:
    return Facts(**({name: getattr(known, name) for name in Facts.__dataclass_fields__} | more))  # pyright: ignore[reportArgumentType]


@COUNTING
@given(KINDS, facts(), INSTANTS, st.randoms(use_true_random=False))
def test_the_order_of_recording_never_matters(
    kind: str, known: Facts, as_at: datetime, chance: Random
) -> None:
    mixed = {}
    for name in ("pauses", "extensions", "completions"):
        listed = list(getattr(known, name))
        chance.shuffle(listed)
        mixed[name] = tuple(listed)
    before, after = clocks(kind, known, as_at), clocks(kind, with_(known, **mixed), as_at)
    assert [(one.counted, one.state) for one in before] == [
        (one.counted, one.state) for one in after
    ]


@COUNTING
@given(KINDS, facts(), INSTANTS, st.data())
def test_a_pause_or_an_extension_never_makes_it_due_earlier(
    kind: str, known: Facts, as_at: datetime, data: st.DataObject
) -> None:
    more = with_(
        known,
        pauses=(*known.pauses, data.draw(pauses(known.occurred_at.date()))),
        extensions=(*known.extensions, Extension(data.draw(st.sampled_from(OBLIGATIONS)), 3)),
    )
    for before, after in zip(clocks(kind, known, as_at), clocks(kind, more, as_at), strict=True):
        if before.due_at is None:
            assert after.due_at is None
        elif after.due_at is not None:
            assert after.due_at >= before.due_at


@COUNTING
@given(KINDS, facts(), INSTANTS)
def test_it_is_never_due_before_the_bare_number_has_passed(
    kind: str, known: Facts, as_at: datetime
) -> None:
    for clock in clocks(kind, known, as_at):
        if clock.due_at is None or clock.anchor_at is None or clock.rule.amount is None:
            continue
        amount = clock.rule.amount + known.extended_by(clock.rule.obligation)
        if clock.rule.unit is Unit.HOURS:
            assert clock.due_at - clock.anchor_at >= timedelta(hours=amount)
        elif clock.counted.due_on and clock.rule.unit is not Unit.MONTHS:
            days = clock.counted.due_on - clock.anchor_at.astimezone(LONDON).date()
            assert days >= timedelta(days=amount)


@COUNTING
@given(KINDS, facts(), INSTANTS, st.integers(1, 5_000_000))
def test_a_later_anchor_is_never_due_earlier(
    kind: str, known: Facts, as_at: datetime, seconds: int
) -> None:
    later = timedelta(seconds=seconds)
    moved = with_(known, occurred_at=known.occurred_at + later, aware_at=known.aware_at + later)
    for before, after in zip(clocks(kind, known, as_at), clocks(kind, moved, as_at), strict=True):
        if before.due_at and after.due_at:
            assert after.due_at >= before.due_at


@COUNTING
@given(KINDS, facts())
def test_at_the_due_instant_is_late_and_a_tick_before_is_not(kind: str, known: Facts) -> None:
    free = with_(known, decisions=(), completions=(), received_at=known.aware_at)
    for clock in clocks(kind, free, free.occurred_at):
        due_at, obligation = clock.due_at, clock.rule.obligation
        if due_at is None or clock.rule.anchor == "received_at":
            continue
        for at, state in ((due_at, State.MET_LATE), (due_at - TICK, State.MET)):
            done = with_(free, received_at=at, completions=(Completion(obligation, at),))
            after = next(one for one in clocks(kind, done, due_at) if one.rule.id == clock.rule.id)
            assert after.state is state


@COUNTING
@given(KINDS, facts(), INSTANTS, INSTANTS)
def test_met_is_judged_by_when_it_was_received_not_by_who_looked_when(
    kind: str, known: Facts, one: datetime, other: datetime
) -> None:
    settled = {State.MET, State.MET_LATE}
    early, late = sorted((one, other))
    free = with_(known, decisions=())
    for before, after in zip(clocks(kind, free, early), clocks(kind, free, late), strict=True):
        if before.state in settled:
            assert after.state is before.state


@COUNTING
@given(DAYS.flatmap(lambda near: st.lists(pauses(near), max_size=6)))
def test_overlapping_pauses_count_once(given_pauses: list[Pause]) -> None:
    ordered = tuple(sorted(given_pauses, key=lambda pause: pause.starts))
    joined = standstill(ordered)
    days = {pause.starts + timedelta(days=more) for pause in ordered for more in range(-2, 70)}
    for day in days:
        paused = any(
            pause.starts <= day and (pause.ends is None or day < pause.ends) for pause in ordered
        )
        assert joined.covers(day) is paused
    runs = joined.closed
    assert all(ends < starts for (_, ends), (starts, _) in itertools.pairwise(runs))


@COUNTING
@given(KINDS, facts(), INSTANTS)
def test_spans_join_without_gaps_and_sum_to_the_amount(
    kind: str, known: Facts, as_at: datetime
) -> None:
    for clock in clocks(kind, known, as_at):
        spans = clock.counted.spans
        if not spans:
            continue
        assert spans[0].starts == clock.anchor_at
        assert all(one.ends == two.starts for one, two in itertools.pairwise(spans))
        assert all(span.starts < span.ends for span in spans)
        if clock.due_at and clock.rule.amount:
            counted = sum((s.ends - s.starts for s in spans if s.counted), timedelta())
            amount = clock.rule.amount + known.extended_by(clock.rule.obligation)
            assert spans[-1].ends == clock.due_at
            assert counted == timedelta(hours=amount)


@COUNTING
@given(KINDS, facts(closed=True), INSTANTS)
def test_days_follow_each_other_and_as_many_count_as_were_given(
    kind: str, known: Facts, as_at: datetime
) -> None:
    for clock in clocks(kind, known, as_at):
        days, amount = clock.counted.days, clock.rule.amount
        if not days or amount is None:
            continue
        assert days[0].why is Why.ANCHOR
        step = timedelta(days=1)
        assert all(two.date - one.date == step for one, two in itertools.pairwise(days))
        assert days[-1].date == clock.counted.due_on
        assert days[-1].counted
        if clock.rule.unit is not Unit.MONTHS:
            extended = known.extended_by(clock.rule.obligation)
            assert sum(day.counted for day in days) == amount + extended


@COUNTING
@given(KINDS, facts(closed=True), INSTANTS)
def test_a_clock_with_days_is_due_at_the_local_midnight_after_its_day(
    kind: str, known: Facts, as_at: datetime
) -> None:
    for clock in clocks(kind, known, as_at):
        if clock.due_at is None or clock.counted.due_on is None:
            continue
        local = clock.due_at.astimezone(LONDON)
        if clock.rule.unit is Unit.HOURS:
            assert local.date() == clock.counted.due_on
        else:
            assert (local.hour, local.minute, local.second) == (0, 0, 0)
            assert local.date() == clock.counted.due_on + timedelta(days=1)


@COUNTING
@given(KINDS, facts(closed=True), INSTANTS)
def test_a_warning_comes_before_the_due_instant(kind: str, known: Facts, as_at: datetime) -> None:
    for clock in clocks(kind, known, as_at):
        assert (clock.warn_at is None) is (clock.due_at is None)
        if clock.warn_at and clock.due_at:
            assert clock.warn_at < clock.due_at


@COUNTING
@given(DAYS)
def test_a_local_day_begins_once_and_ends_where_the_next_begins(day: date) -> None:
    begins = midnight(day)
    assert begins.astimezone(LONDON).date() == day
    assert (begins - TICK).astimezone(LONDON).date() == day - timedelta(days=1)
    assert end_of(day) == midnight(day + timedelta(days=1))


@COUNTING
@given(DAYS)
def test_a_day_is_worked_unless_it_is_a_weekend_or_a_holiday(day: date) -> None:
    calendar: Calendar = CALENDARS.by_id["scotland"]
    is_off = day.strftime("%a") in {"Sat", "Sun"} or day in calendar.holidays
    assert (calendar.day_off(day) is not None) is is_off
