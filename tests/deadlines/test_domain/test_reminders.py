"""Which rungs of a clock's ladder are told: none of what is met, paused, or to be discussed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from services.deadlines.domain.clock import Clock, derive_clock
from services.deadlines.domain.facts import Completion, Decision, Extension, Facts, Pause, Regime
from services.deadlines.domain.mail import reminding
from services.deadlines.domain.progress import Change, Known
from services.deadlines.domain.reminders import reminders
from services.deadlines.domain.states import State
from tests.deadlines.official import CALENDARS, FIFE, RULES

DIED = datetime(2026, 2, 10, 12, tzinfo=UTC)
FACTS = Facts(DIED, DIED, DIED + timedelta(hours=3))
DUE = datetime(2026, 3, 11, tzinfo=UTC)
REPORT = "report"
TICK = timedelta(microseconds=1)


def clock(as_at: datetime, rule_id: str = "lac-report-28d", **facts: object) -> Clock:
    rule = RULES.rule(rule_id)
    assert rule is not None
    return derive_clock(rule, replace(FACTS, **facts), FIFE, CALENDARS, as_at)


def told(seen: Clock, *decided: str, known: Known | None = None) -> list[str]:
    last = known or Known("id", seen.rule.id)
    found = reminders(last, seen, FACTS.occurred_at, decided).verdicts
    return [each.rung.name for each, verdict in found if verdict == "told"]


def test_the_first_rung_is_told_at_its_instant_and_not_before() -> None:
    warns = datetime(2026, 3, 4, tzinfo=UTC)
    assert told(clock(warns - TICK)) == []
    assert told(clock(warns)) == ["due-soon"]
    assert reminders(Known("id", "r"), clock(warns - TICK), DIED, ()).next_at == warns


def test_what_came_before_anybody_looked_is_not_reminded_of() -> None:
    late = clock(DUE + timedelta(days=1), completions=(Completion(REPORT, DUE),))
    assert late.state is State.MET_LATE
    assert told(late) == []


def test_a_cancelled_clock_reminds_nobody() -> None:
    decided = (Decision("learning-review", DIED + timedelta(days=1)),)
    assert told(clock(DUE, decisions=decided)) == []


def test_a_paused_clock_is_quiet_and_goes_on_when_the_pause_is_over() -> None:
    pauses = (Pause(REPORT, date(2026, 3, 9), date(2026, 3, 19)),)
    assert told(clock(datetime(2026, 3, 12, tzinfo=UTC), pauses=pauses), "due-soon") == []
    after = clock(datetime(2026, 3, 19, tzinfo=UTC), pauses=pauses)
    assert after.due_at == DUE + timedelta(days=10)
    assert told(after) == ["due-soon"]


def test_a_date_that_moved_has_a_ladder_of_its_own() -> None:
    extended = clock(DUE, extensions=(Extension(REPORT, 14),))
    assert told(extended) == []
    again = clock(DUE + timedelta(days=7), extensions=(Extension(REPORT, 14),))
    assert told(again) == ["due-soon"]


def test_other_wordings_than_the_governing_one_remind_nobody() -> None:
    seen = clock(DUE, "lac-notify-one-working-day", received_at=None)
    assert seen.state is State.OVERDUE
    assert told(seen) == []


def test_under_an_emergency_regime_people_are_warned_and_a_breach_is_urged_on_nobody() -> None:
    regimes = (Regime("r", "Storm", date(2026, 3, 1), date(2026, 4, 1)),)
    assert told(clock(DUE - TICK, regimes=regimes)) == ["last-day"]
    breached = clock(DUE + timedelta(days=20), regimes=regimes)
    assert breached.discuss
    warned = Known("id", breached.rule.id, State.OVERDUE, frozenset({Change.OVERDUE}))
    assert told(breached, known=warned) == []
    assert told(clock(DUE + timedelta(days=20)), known=warned) == [
        "overdue-support",
        "still-overdue",
        "overdue-chief",
    ]


def test_a_reminder_that_waited_is_only_sent_while_it_is_still_so() -> None:
    overdue = clock(DUE)
    (found, _), *_ = reversed(reminders(Known("id", "r"), overdue, DIED, ()).verdicts)
    occasion = reminding(found, overdue, "id")
    assert occasion.still_so((overdue,))
    assert not occasion.still_so((clock(DUE, extensions=(Extension(REPORT, 1),)),))
    assert not occasion.still_so((clock(DUE, completions=(Completion(REPORT, DUE - TICK),)),))
    regimes = (Regime("r", "Storm", date(2026, 3, 1), None),)
    assert not occasion.still_so((clock(DUE, regimes=regimes),))
