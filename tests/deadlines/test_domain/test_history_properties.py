"""What must hold of acts, regimes and corrections, whatever they are and in whatever order."""

from datetime import UTC, date, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from services.deadlines.domain.acts import Act, What, in_effect
from services.deadlines.domain.clock import Breach
from services.deadlines.domain.corrections import corrected
from services.deadlines.domain.facts import (
    NOTIFY,
    Completion,
    Extension,
    Facts,
    Regime,
    Standing,
    Turn,
)
from services.deadlines.domain.states import State
from tests.deadlines.official import RULES
from tests.deadlines.test_domain.test_properties import (
    COUNTING,
    INSTANTS,
    KINDS,
    OBLIGATIONS,
    clocks,
    facts,
    with_,
)

NOW = datetime(2026, 3, 2, tzinfo=UTC)
FIRST = date(2026, 1, 1)
# No instant that facts are drawn from.
WRONG = datetime(1985, 1, 1, tzinfo=UTC)


@st.composite
def regimes(draw: st.DrawFn, near: date) -> Regime:
    starts = near + timedelta(days=draw(st.integers(-90, 120)))
    length = draw(st.none() | st.integers(1, 300))
    ends = None if length is None else starts + timedelta(days=length)
    named = draw(st.lists(st.sampled_from(OBLIGATIONS), max_size=3, unique=True))
    amounts = tuple(Extension(name, draw(st.integers(1, 30))) for name in named)
    return Regime(str(draw(st.uuids())), "Covid-19", starts, ends, amounts)


@st.composite
def facts_in_regimes(draw: st.DrawFn) -> Facts:
    known = draw(facts())
    held = draw(st.lists(regimes(known.occurred_at.date()), max_size=3))
    return with_(known, regimes=tuple(held))


@st.composite
def histories(draw: st.DrawFn) -> list[Act]:
    """Acts as people could have done them: what is resumed or withdrawn is there."""
    made: list[Act] = []
    for number in range(draw(st.integers(0, 8))):
        what = draw(st.sampled_from(list(What)))
        pauses = [one for one in made if one.what is What.PAUSED]
        about: Act | None = None
        if what is What.RESUMED:
            about = draw(st.sampled_from(pauses)) if pauses else None
        if what is What.WITHDRAWN:
            open_ = [one for one in made if one.what is not What.WITHDRAWN]
            about = draw(st.sampled_from(open_)) if open_ else None
        if what in {What.RESUMED, What.WITHDRAWN} and about is None:
            what = What.EXTENDED
        made.append(_act(draw, number, what, about))
    return made


def _act(draw: st.DrawFn, number: int, what: What, about: Act | None) -> Act:
    starts = FIRST + timedelta(days=draw(st.integers(0, 60)))
    return Act(
        id=f"{number:04}",
        clock="c",
        obligation=about.obligation if about else draw(st.sampled_from(OBLIGATIONS)),
        what=what,
        reason="",
        recorded_at=NOW,
        recorded_by="",
        amount=draw(st.integers(1, 20)) if what is What.EXTENDED else None,
        starts=starts if what is What.PAUSED else None,
        ends=starts + timedelta(days=9) if what in {What.PAUSED, What.RESUMED} else None,
        about=about.id if about else None,
    )


@COUNTING
@given(histories(), st.randoms(use_true_random=False))
def test_in_whatever_order_acts_are_read_they_come_to_the_same(
    acts: list[Act], chance: Random
) -> None:
    mixed = list(acts)
    chance.shuffle(mixed)
    assert in_effect(mixed) == in_effect(acts)


@COUNTING
@given(histories())
def test_withdrawing_everything_leaves_nothing(acts: list[Act]) -> None:
    gone = {act.about for act in acts if act.what is What.WITHDRAWN}
    left = [act for act in acts if act.id not in gone and act.what is not What.WITHDRAWN]
    undone = [
        Act(f"z{act.id}", "c", act.obligation, What.WITHDRAWN, "", NOW, "", about=act.id)
        for act in left
    ]
    found = in_effect([*acts, *undone])
    assert (found.pauses, found.extensions) == ((), ())


@COUNTING
@given(KINDS, facts_in_regimes(), INSTANTS, st.randoms(use_true_random=False))
def test_the_order_in_which_regimes_were_declared_never_matters(
    kind: str, known: Facts, as_at: datetime, chance: Random
) -> None:
    mixed = list(known.regimes)
    chance.shuffle(mixed)
    other = with_(known, regimes=tuple(mixed))
    for one, two in zip(clocks(kind, known, as_at), clocks(kind, other, as_at), strict=True):
        assert (one.counted, one.state, one.regimes) == (two.counted, two.state, two.regimes)


@COUNTING
@given(KINDS, facts_in_regimes(), INSTANTS)
def test_a_regime_never_makes_it_due_earlier_and_never_a_breach_worse(
    kind: str, known: Facts, as_at: datetime
) -> None:
    free = with_(known, regimes=())
    for without, within in zip(clocks(kind, free, as_at), clocks(kind, known, as_at), strict=True):
        if without.due_at is not None and within.due_at is not None:
            assert within.due_at >= without.due_at
        if without.breach is None:
            assert within.breach is None
        assert without.breach is not Breach.DISCUSS
        assert within.extended - without.extended == sum(
            regime.extends(within.rule.obligation) for regime in within.regimes
        )


@COUNTING
@given(KINDS, facts(), INSTANTS, INSTANTS)
def test_a_date_put_right_step_by_step_is_as_one_told_rightly_at_once(
    kind: str, known: Facts, as_at: datetime, right: datetime
) -> None:
    detour = corrected(known, "occurred_at", known.occurred_at, right - timedelta(days=9))
    stepwise = corrected(detour, "occurred_at", detour.occurred_at, right)
    assert clocks(kind, stepwise, as_at) == clocks(kind, with_(known, occurred_at=right), as_at)
    back = corrected(stepwise, "occurred_at", right, known.occurred_at)
    assert clocks(kind, back, as_at) == clocks(kind, known, as_at)


@COUNTING
@given(KINDS, facts(), INSTANTS, st.timedeltas(timedelta(0), timedelta(days=60)))
def test_what_was_received_earlier_is_never_later_for_it(
    kind: str, known: Facts, as_at: datetime, earlier: timedelta
) -> None:
    received = known.received_at or known.occurred_at
    late = with_(known, received_at=received)
    right = corrected(late, "received_at", received, received - earlier)
    for before, after in zip(clocks(kind, late, as_at), clocks(kind, right, as_at), strict=True):
        if before.rule.obligation != NOTIFY:
            continue
        assert (after.counted, after.anchor_at) == (before.counted, before.anchor_at)
        if before.state is State.MET:
            assert after.state is State.MET
    assert corrected(right, "received_at", right.received_at, received) == late


@COUNTING
@given(KINDS, facts(), INSTANTS, INSTANTS)
def test_a_report_whose_receipt_is_put_right_is_as_one_received_then(
    kind: str, known: Facts, as_at: datetime, right: datetime
) -> None:
    stage = next((rule.obligation for rule in RULES.of(kind) if rule.obligation != NOTIFY), "none")
    told = known.with_completion(Completion(stage, WRONG))
    assert clocks(kind, corrected(told, "submitted_at", WRONG, right), as_at) == clocks(
        kind, known.with_completion(Completion(stage, right)), as_at
    )


@COUNTING
@given(KINDS, facts(), INSTANTS, INSTANTS)
def test_a_case_that_is_reopened_stands_as_if_it_had_never_ended(
    kind: str, known: Facts, as_at: datetime, ended: datetime
) -> None:
    closed = known.with_turn(Turn(Standing.CLOSED, ended))
    again = closed.with_turn(Turn(Standing.REOPENED, ended))
    before, after = clocks(kind, known, as_at), clocks(kind, again, as_at)
    assert [(one.counted, one.state) for one in before] == [
        (one.counted, one.state) for one in after
    ]
    running = {State.OPEN, State.DUE_SOON, State.OVERDUE, State.PAUSED, State.NO_LIMIT}
    if ended <= as_at:
        assert not running & {one.state for one in clocks(kind, closed, as_at)}
