"""Where only time has passed, the record of a clock says what replaying all its facts says."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from services.deadlines.domain.case import Case
from services.deadlines.domain.clock import Clock
from services.deadlines.domain.facts import Completion, Decision, Facts, Pause, Standing, Turn
from services.deadlines.domain.progress import Known, after, changes, look_again
from services.deadlines.domain.reminders import reminders
from services.deadlines.domain.states import State
from services.deadlines.domain.timeliness import completed_at, outcome
from services.deadlines.domain.woken import Record, by_record, only_time_has_passed
from tests.deadlines.official import FIFE, RULES
from tests.deadlines.test_domain.test_history_properties import facts_in_regimes
from tests.deadlines.test_domain.test_properties import COUNTING, KINDS, clocks, with_

LAC = "death-looked-after-child"
DIED = datetime(2026, 2, 10, 12, tzinfo=UTC)
LATER = st.timedeltas(timedelta(), timedelta(days=90))
WAKES = 4


@dataclass
class Watched:
    """A case as a sweeper sees it: what was last recorded, and what it waits for."""

    case: Case
    records: dict[str, Record]
    wakes_at: datetime | None = None

    def look(self, now: datetime) -> None:
        """Replay everything and write it down."""
        found = clocks(self.case.kind, self.case.facts, now)
        moments = [at for clock in found for at in self._ahead(clock) if at]
        self.wakes_at = min(moments, default=None)
        for clock in found:
            known = self.known(clock)
            told = after(known, clock, changes(known, clock, self.case.begun_at))
            self.records[clock.rule.id] = Record(
                told, clock.due_at, clock.counted.due_on, clock.discuss
            )

    def known(self, clock: Clock) -> Known:
        rule = clock.rule.id
        return self.records[rule].known if rule in self.records else Known(rule, rule)

    def seen(self, clock: Clock) -> tuple[Any, ...]:
        """Everything that is told, written or waited for because of it."""
        known, begun_at = self.known(clock), self.case.begun_at
        return (
            clock.state, clock.due_at, clock.counted.due_on, clock.warn_at, clock.discuss,
            clock.anchor_at, completed_at(clock), outcome(clock),
            changes(known, clock, begun_at), reminders(known, clock, begun_at, ()),
            look_again(clock),
        )  # fmt: skip

    def _ahead(self, clock: Clock) -> tuple[datetime | None, datetime | None]:
        told = reminders(self.known(clock), clock, self.case.begun_at, ())
        return look_again(clock), told.next_at


def watched(kind: str, facts: Facts, begun_at: datetime) -> Watched:
    made = Watched(Case("c", "SN-1", kind, FIFE, "1", facts, begun_at), {})
    made.look(begun_at)
    return made


@st.composite
def told(draw: st.DrawFn) -> Facts:
    """Facts of a case without pauses, which may have been closed and reopened."""
    known = draw(facts_in_regimes())
    turn = st.builds(
        Turn, st.sampled_from(Standing), LATER.map(lambda late: known.occurred_at + late)
    )
    return with_(known, pauses=(), turns=tuple(draw(st.lists(turn, max_size=2))))


@COUNTING
@given(KINDS, told(), LATER, st.lists(LATER, min_size=WAKES, max_size=WAKES))
def test_the_record_says_what_a_replay_says(
    kind: str, facts: Facts, began: timedelta, delays: list[timedelta]
) -> None:
    one = watched(kind, facts, facts.occurred_at + began)
    quick = 0
    for delay in delays:
        if one.wakes_at is None:
            break
        now = one.wakes_at + delay
        if only_time_has_passed(facts, one.wakes_at):
            quick += 1
            _compare(one, now)
        one.look(now)
    event(f"{quick} wakes without a replay")
    assume(quick)


def _compare(one: Watched, now: datetime) -> None:
    found = by_record(RULES.of(one.case.kind), one.case, one.records, now)
    assert found is not None
    quick = {clock.rule.id: clock for clock in found}
    for clock in clocks(one.case.kind, one.case.facts, now):
        if (short := quick.get(clock.rule.id)) is not None:
            assert one.seen(short) == one.seen(clock)
        else:
            known = one.known(clock)
            assert (clock.state, look_again(clock)) == (known.state, None)
            assert changes(known, clock, one.case.begun_at) == ()
            assert reminders(known, clock, one.case.begun_at, ()).next_at is None


AHEAD = DIED + timedelta(days=20)


@pytest.mark.parametrize(
    "more",
    [
        {"completions": (Completion("report", AHEAD),)},
        {"decisions": (Decision("learning-review", AHEAD),)},
        {"turns": (Turn(Standing.WITHDRAWN, AHEAD),)},
        {"pauses": (Pause("report", AHEAD.date(), AHEAD.date() + timedelta(days=60)),)},
    ],
)
def test_facts_that_lie_ahead_are_replayed_and_would_be_missed_otherwise(
    more: dict[str, Any],
) -> None:
    plain = Facts(occurred_at=DIED, aware_at=DIED, received_at=DIED)
    one = watched(LAC, replace(plain, **more), DIED)
    assert one.wakes_at is not None
    now = AHEAD + timedelta(days=40)
    assert not only_time_has_passed(one.case.facts, one.wakes_at)
    found = by_record(RULES.of(LAC), one.case, one.records, now) or []
    full = clocks(LAC, one.case.facts, now)
    assert any(one.seen(clock) not in map(one.seen, found) for clock in full if _governs(clock))


def _governs(clock: Clock) -> bool:
    return clock.rule.obligation == "report"


def test_what_was_never_recorded_or_stands_still_is_replayed() -> None:
    facts = Facts(occurred_at=DIED, aware_at=DIED, received_at=DIED)
    one = watched(LAC, facts, DIED)
    rules = RULES.of(LAC)
    assert by_record(rules, one.case, {}, AHEAD) is None
    name, record = next(iter(one.records.items()))
    paused = record._replace(known=replace(record.known, state=State.PAUSED))
    assert by_record(rules, one.case, one.records | {name: paused}, AHEAD) is None
