"""What every act on a clock has in common: the locked case around it, and what becomes of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import uuid_utils

from services.deadlines.domain.act_limits import Circle, reason_errors
from services.deadlines.domain.acts import Act, What, in_effect, standing_acts
from services.deadlines.domain.case import Case
from services.deadlines.domain.moves import Cause, Moved
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.domain.rules import Rule
from services.deadlines.storage.acts import acts_on, add_act
from services.deadlines.storage.calendars import hold_pinned
from services.deadlines.storage.cases import lock_case
from services.deadlines.storage.clocks import place_of
from services.deadlines.use_cases.recompute import recompute
from shared.access.principal import Principal, Role
from shared.audit import record
from shared.clock import london_date
from shared.errors import FieldError, Invalid, NotFound
from shared.events.envelope import Event
from shared.transaction import Transaction


@dataclass(frozen=True, slots=True)
class By:
    """Who acts, when, why, and which role agreed; `permit` raises for another version."""

    principal: Principal
    now: datetime
    reason: str
    agreed_by: str | None = None
    permit: Callable[[int], None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Acting:
    """One clock somebody acts on; the row of its case is locked."""

    clock: str
    case: Case
    rule: Rule
    acts: list[Act]
    by: By

    @property
    def circle(self) -> Circle:
        """What the act is held to."""
        mine = [act for act in self.acts if act.obligation == self.rule.obligation]
        alone = not self.by.principal.has(Role.CHIEF_INSPECTOR)
        return Circle(self.rule, standing_acts(mine), london_date(self.by.now), alone)

    @property
    def about(self) -> dict[str, str]:
        """What every event of an act says."""
        return {
            "reference": self.case.reference,
            "area": self.case.area,
            "clock": self.clock,
            "rule": self.rule.id,
            "obligation": self.rule.obligation,
        }

    def act(self, what: What, **said: Any) -> Act:
        """A new act of this person on this clock."""
        by = self.by
        return Act(
            id=str(uuid_utils.uuid7()),
            clock=self.clock,
            obligation=self.rule.obligation,
            what=what,
            reason=by.reason.strip(),
            agreed_by=by.agreed_by,
            recorded_at=by.now,
            recorded_by=by.principal.subject,
            **said,
        )

    def refuse(self, errors: Iterable[FieldError]) -> None:
        """Raise every rule that is broken, those of the reason too."""
        found = [*errors, *reason_errors(self.by.reason, self.by.agreed_by)]
        if found:
            raise Invalid(*found)


async def acting_on(tx: Transaction, rulebook: Rulebook, clock: str, by: By) -> Acting:
    """The clock with its case locked; `NotFound` where it is not this person's to see."""
    place = await place_of(tx.session, clock)
    case = await lock_case(tx.session, place.case) if place else None
    if place is None or case is None:
        raise NotFound("There is no such clock.")
    by.principal.require_area(case.area, "clock")
    by.permit(case.sequence)
    await hold_pinned(tx.session, rulebook, [case])
    rule = rulebook.rule_sets[case.rule_set].rule(place.rule)
    if rule is None:
        raise NotFound("There is no such clock.")
    return Acting(clock, case, rule.in_area(case.area), await acts_on(tx.session, case.id), by)


async def carry_out(
    tx: Transaction, rulebook: Rulebook, acting: Acting, act: Act, event: Event
) -> list[Moved]:
    """Write the act, say it, derive the clocks of its case anew; answers what moved."""
    now, case = acting.by.now, acting.case.having_told(1)
    await add_act(tx.session, case.id, act)
    await tx.publish(event, subject=case.reference, key=case.id, sequence=case.sequence)
    found = in_effect([*acting.acts, act])
    after = case.knowing(replace(case.facts, pauses=found.pauses, extensions=found.extensions))
    because = "act-withdrawn" if act.what is What.WITHDRAWN else act.what.value
    cause = Cause(because, act.id, acting.clock)
    moved = await recompute(tx, rulebook, (case, after), cause, now)
    await _audit(tx, acting, act, moved)
    return moved


async def _audit(tx: Transaction, acting: Acting, act: Act, moved: list[Moved]) -> None:
    mine = next((one for one in moved if one.after.rule.id == acting.rule.id), None)
    said = {"act": act.id, "amount": act.amount, "about": act.about, "agreed_by": act.agreed_by}
    said |= {"from": _text(act.starts), "until": _text(act.ends)}
    await record(
        tx,
        actor=acting.by.principal.subject,
        act=f"clock.{act.what.value}",
        subject=f"clock:{acting.clock}",
        reason=act.reason,
        before={"due_at": _text(mine.before.due_at) if mine and mine.before else None},
        after={"due_at": _text(mine.after.due_at) if mine else None}
        | {name: value for name, value in said.items() if value is not None},
        now=acting.by.now,
    )


def _text(value: Any) -> str | None:
    return value.isoformat() if value is not None else None
