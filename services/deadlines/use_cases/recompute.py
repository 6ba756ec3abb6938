"""Derive clocks anew after the past was corrected or an act was done; before and after are kept."""

from collections.abc import Sequence
from datetime import datetime

from services.deadlines.domain.case import Case
from services.deadlines.domain.moves import Cause, Moved, moves
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.storage.calendars import hold_pinned
from services.deadlines.storage.recorded_clocks import clock_id
from services.deadlines.storage.turns import add_turns
from services.deadlines.use_cases.bring_up_to_date import bring_all_up_to_date
from shared.events.deadlines import ClockRecomputed
from shared.transaction import Transaction

Change = tuple[Case, Case]


async def recompute(
    tx: Transaction, rulebook: Rulebook, change: Change, cause: Cause, now: datetime
) -> list[Moved]:
    """One case, before and after; its row is locked."""
    return await recompute_all(tx, rulebook, [change], cause, now)


async def recompute_all(
    tx: Transaction, rulebook: Rulebook, changes: Sequence[Change], cause: Cause, now: datetime
) -> list[Moved]:
    """Save the cases as they are after, tell what moved and write it down; answers what moved."""
    await hold_pinned(tx.session, rulebook, [case for change in changes for case in change])
    moved: list[Moved] = []
    told: list[Case] = []
    for before, after in changes:
        mine = [one for one in compare(rulebook, before, after, now) if _worth(one, cause)]
        told.append(await _tell(tx, after, mine, cause))
        moved += mine
    await add_turns(tx.session, cause, moved, now)
    await bring_all_up_to_date(tx, rulebook, told, now)
    return [one for one in moved if one.differs]


def compare(rulebook: Rulebook, before: Case, after: Case, now: datetime) -> list[Moved]:
    """Every clock of the case before and after."""
    return list(moves(after, rulebook.clocks(before, now), rulebook.clocks(after, now)))


def _worth(moved: Moved, cause: Cause) -> bool:
    mine = cause.clock is not None and clock_id(moved.case, moved.after.rule.id) == cause.clock
    return moved.differs or mine


async def _tell(tx: Transaction, case: Case, moved: Sequence[Moved], cause: Cause) -> Case:
    for one in moved:
        if one.differs:
            case = case.having_told(1)
            event = recomputed(one, cause)
            await tx.publish(event, subject=case.reference, key=case.id, sequence=case.sequence)
    return case


def recomputed(moved: Moved, cause: Cause) -> ClockRecomputed:
    """The event that tells what moved."""
    case, before, after = moved.case, moved.before, moved.after
    return ClockRecomputed(
        reference=case.reference,
        area=case.area,
        clock=clock_id(case, after.rule.id),
        rule=after.rule.id,
        obligation=after.rule.obligation,
        because=cause.because,
        due_at_before=before.due_at if before else None,
        due_at=after.due_at,
        due_on_before=before.counted.due_on if before else None,
        due_on=after.counted.due_on,
        state_before=before.state.value if before else "none",
        state=after.state.value,
        act=cause.act,
    )
