"""Acts, regimes and histories as they are answered."""

from datetime import date, datetime
from typing import Any

from msgspec import Struct, field

from services.deadlines.domain.acts import Act, What, standing_acts
from services.deadlines.domain.case import Case
from services.deadlines.domain.clock import Clock
from services.deadlines.domain.moves import Moved
from services.deadlines.entrypoints.schemas import RecordedClockOut
from services.deadlines.storage.recorded_clocks import clock_id
from services.deadlines.storage.regimes import RegimeRecord
from services.deadlines.storage.said import Said
from services.deadlines.storage.turns import Turned
from services.deadlines.use_cases.preview_rebasing import Rebased
from services.deadlines.use_cases.reach_of_regime import Reach


class ActOut(Struct, frozen=True, kw_only=True):
    """What somebody did to a clock; `standing` is false once it was withdrawn."""

    id: str
    clock: str
    obligation: str
    what: str
    amount: int | None
    starts: date | None = field(name="from")
    ends: date | None = field(name="until")
    about: str | None
    reason: str
    agreed_by: str | None
    recorded_at: datetime
    recorded_by: str
    standing: bool


class ActedOut(Struct, frozen=True):
    """The act, and the clock as it stands after it."""

    act: ActOut
    clock: RecordedClockOut


class ActsOut(Struct, frozen=True):
    """All acts on the obligation of a clock, oldest first."""

    items: list[ActOut]


class SaidOut(Struct, frozen=True):
    """Whose account it was, and what was given for it; `agreed_by` where somebody had to agree."""

    by: str
    reason: str
    agreed_by: str | None


class TurnOut(Struct, frozen=True, kw_only=True):
    """One change of a clock, before and after; `said` is null where another service has its reason.

    `done` is the act on this clock where it was one, as it stands today.
    """

    at: datetime
    because: str
    act: str | None
    due_at_before: datetime | None
    due_at_after: datetime | None
    due_on_before: date | None
    due_on_after: date | None
    state_before: str | None
    state_after: str | None
    facts: dict[str, Any]
    said: SaidOut | None
    done: ActOut | None


class HistoryOut(Struct, frozen=True):
    """Everything that changed a clock but time and its own completion, oldest first."""

    items: list[TurnOut]


class MovedOut(Struct, frozen=True, kw_only=True):
    """One clock before and after; `discuss` is whether a breach is discussed, not missed."""

    clock: str
    reference: str
    kind: str
    area: str
    rule: str
    obligation: str
    due_at_before: datetime | None
    due_at_after: datetime | None
    due_on_before: date | None
    due_on_after: date | None
    state_before: str | None
    state_after: str
    breach_before: str | None
    breach_after: str | None
    discuss_before: bool | None
    discuss_after: bool


class TouchedOut(Struct, frozen=True, kw_only=True):
    """How many cases and clocks are touched, and the first of them one by one.

    Where so many cases are `concerned` that only the first of them are `counted` at once, it is
    not `complete`: of an act the others follow within minutes, each told as it moves. An act does
    not count them before: `concerned` is null then.
    """

    cases: int
    clocks: int
    counted: int
    concerned: int | None
    complete: bool
    items: list[MovedOut]


class RegimeExtensionOut(Struct, frozen=True):
    """Units of the rule's own kind that an obligation gets."""

    obligation: str
    amount: int


class RegimeOut(Struct, frozen=True, kw_only=True):
    """An emergency regime; no kinds or areas mean all. The version is also its ETag."""

    id: str
    name: str
    kinds: list[str]
    areas: list[str]
    starts: date = field(name="from")
    ends: date | None = field(name="until")
    extensions: list[RegimeExtensionOut]
    reason: str
    agreed_by: str
    declared_at: datetime
    declared_by: str
    withdrawn_at: datetime | None
    version: int


class RegimeDoneOut(Struct, frozen=True):
    """The regime, and what it touched now."""

    regime: RegimeOut
    touched: TouchedOut


class GoneOut(Struct, frozen=True, kw_only=True):
    """One clock that the case has no more: the version it counts by has no such rule."""

    clock: str
    rule: str
    obligation: str
    due_at: datetime | None
    due_on: date | None
    state: str


class RebasedOut(Struct, frozen=True, kw_only=True):
    """The case's versions, every clock before and after; `gone` are those it has no more."""

    reference: str
    version_before: str
    version: str
    moved: list[MovedOut]
    gone: list[GoneOut]


def act_out(act: Act, acts: list[Act]) -> ActOut:
    """One act among all of its case."""
    names = set(ActOut.__struct_fields__) - {"standing", "what"}
    values = {name: getattr(act, name) for name in names}
    standing = act.what is What.WITHDRAWN or act in standing_acts(acts)
    return ActOut(what=act.what.value, standing=standing, **values)


def turn_out(turned: Turned, said: Said | None, acts: list[Act]) -> TurnOut:
    """One line of a history; of an act, what was said is in it."""
    done = next((act for act in acts if act.id == turned.act), None)
    values = {name: getattr(turned, name) for name in Turned.__dataclass_fields__}
    if done:
        said = Said(done.recorded_by, done.reason, done.agreed_by)
    return TurnOut(
        **values,
        said=SaidOut(said.by, said.reason, said.agreed_by) if said else None,
        done=act_out(done, acts) if done else None,
    )


def moved_out(moved: Moved) -> MovedOut:
    """One clock that moved."""
    case, before, after = moved.case, moved.before, moved.after
    return MovedOut(
        clock=clock_id(case, after.rule.id),
        reference=case.reference,
        kind=case.kind,
        area=case.area,
        rule=after.rule.id,
        obligation=after.rule.obligation,
        due_at_before=before.due_at if before else None,
        due_at_after=after.due_at,
        due_on_before=before.counted.due_on if before else None,
        due_on_after=after.counted.due_on,
        state_before=before.state.value if before else None,
        state_after=after.state.value,
        breach_before=before.breach if before else None,
        breach_after=after.breach,
        discuss_before=before.discuss if before else None,
        discuss_after=after.discuss,
    )


def rebased_out(done: Rebased) -> RebasedOut:
    """A case under either version."""
    return RebasedOut(
        reference=done.before.reference,
        version_before=done.before.rule_set,
        version=done.after.rule_set,
        moved=[moved_out(one) for one in done.moved],
        gone=[_gone_out(done.before, clock) for clock in done.gone],
    )


def _gone_out(case: Case, clock: Clock) -> GoneOut:
    return GoneOut(
        clock=clock_id(case, clock.rule.id),
        rule=clock.rule.id,
        obligation=clock.rule.obligation,
        due_at=clock.due_at,
        due_on=clock.counted.due_on,
        state=clock.state.value,
    )


def touched_out(reach: Reach) -> TouchedOut:
    """What a regime touches."""
    shown = [moved_out(one) for one in reach.shown]
    return TouchedOut(
        cases=reach.cases,
        clocks=reach.clocks,
        counted=reach.counted,
        concerned=reach.concerned,
        complete=reach.complete,
        items=shown,
    )


def regime_out(made: RegimeRecord) -> RegimeOut:
    """One regime."""
    regime = made.declared.regime
    return RegimeOut(
        id=regime.id,
        name=regime.name,
        kinds=list(made.declared.kinds),
        areas=list(made.declared.areas),
        starts=regime.starts,
        ends=regime.ends,
        extensions=[RegimeExtensionOut(one.obligation, one.amount) for one in regime.amounts],
        reason=made.reason,
        agreed_by=made.agreed_by,
        declared_at=made.declared_at,
        declared_by=made.declared_by,
        withdrawn_at=made.withdrawn_at,
        version=made.version,
    )
