"""Tell what has changed about a case's clocks, once; the row of the case is locked."""

from dataclasses import dataclass
from datetime import datetime

from services.deadlines.domain.case import Case
from services.deadlines.domain.clock import Clock
from services.deadlines.domain.mail import About, Occasion
from services.deadlines.domain.progress import Change, Known, after, changes, look_again
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.storage.cases import save_case
from services.deadlines.storage.clocks import clock_id, known_clocks, save_clocks
from services.deadlines.use_cases.clock_events import clock_event
from services.deadlines.use_cases.tell_link_inspector import tell_link_inspector
from shared.transaction import Transaction

# Only the governing wording of an obligation is worth a mail; the others are shown beside it.
_REMINDERS = {Change.DUE_SOON: About.DUE_SOON, Change.OVERDUE: About.OVERDUE}


@dataclass(frozen=True, slots=True)
class Step:
    """One clock's way from what was told to what is so now."""

    known: Known
    clock: Clock
    changes: tuple[Change, ...]

    @property
    def after(self) -> Known:
        """What is known of the clock once its changes are told."""
        return after(self.known, self.clock, self.changes)


async def bring_up_to_date(tx: Transaction, rulebook: Rulebook, case: Case, now: datetime) -> Case:
    """Publish every change of the clocks since they were last told; answers the case after it."""
    known = await known_clocks(tx.session, case)
    steps = [_step(case, known, clock) for clock in rulebook.clocks(case, now)]
    await save_clocks(tx.session, case, [(step.after, step.clock) for step in steps])
    for step in steps:
        case = await _tell(tx, case, step, now)
    moments = [at for at in (look_again(step.clock) for step in steps) if at is not None]
    await save_case(tx.session, case, min(moments, default=None))
    return case


def _step(case: Case, known: dict[str, Known], clock: Clock) -> Step:
    rule = clock.rule.id
    last = known.get(rule) or Known(clock_id(case, rule), rule)
    return Step(last, clock, changes(last, clock, case.begun_at))


async def _tell(tx: Transaction, case: Case, step: Step, now: datetime) -> Case:
    for change in step.changes:
        case = case.having_told(1)
        event = clock_event(change, case, step.known.id, step.clock)
        await tx.publish(event, subject=case.reference, key=case.id, sequence=case.sequence)
        about = _REMINDERS.get(change)
        if about and step.clock.rule.governing:
            occasion = Occasion(about, step.clock.rule.id, step.known.id)
            await tell_link_inspector(tx, case, occasion, now)
    return case
