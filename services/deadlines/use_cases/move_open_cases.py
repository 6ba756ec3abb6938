"""The open clocks of locked cases are moved on to the calendars in force, and all that follows."""

import asyncio
from collections.abc import Iterator
from datetime import datetime

from services.deadlines.domain.case import Case
from services.deadlines.domain.recomputation import Move, OpenCase, Outcome, Recomputation
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.storage.calendar_tables import CorrectionRow
from services.deadlines.storage.corrections import count_moved, keep_moves
from services.deadlines.storage.open_clocks import move_clocks, pin_cases
from services.deadlines.use_cases.bring_up_to_date import bring_all_up_to_date
from shared.events.deadlines import ClockRecomputed
from shared.telemetry import attached
from shared.transaction import Transaction

# So many cases are counted before others get their turn in this process.
SLICE = 50


async def move_open_cases(
    tx: Transaction,
    rulebook: Rulebook,
    correction: CorrectionRow,
    found: list[OpenCase],
    now: datetime,
) -> None:
    """Move them, keep before and after, and count what was done."""
    outcomes = await _outcomes(Recomputation(rulebook, now), found)
    await _write(tx, rulebook, correction, outcomes, now)
    await tx.flush()
    examined = sum(len(one.running) for one in found)
    moved = sum(len(one.moves) for one in outcomes)
    await count_moved(tx.session, correction.id, examined, moved)


async def _outcomes(recomputation: Recomputation, found: list[OpenCase]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for slice_of in _slices(found):
        outcomes += [one for one in map(recomputation.of, slice_of) if one is not None]
        await asyncio.sleep(0)
    return outcomes


def _slices(found: list[OpenCase]) -> Iterator[list[OpenCase]]:
    return (found[start : start + SLICE] for start in range(0, len(found), SLICE))


async def _write(
    tx: Transaction,
    rulebook: Rulebook,
    correction: CorrectionRow,
    outcomes: list[Outcome],
    now: datetime,
) -> None:
    """What did not move is only pinned anew; of what did, all is told that follows from it."""
    still = [one.case for one in outcomes if not one.moves]
    if still:
        await pin_cases(tx.session, still)
    moved = [one for one in outcomes if one.moves]
    if not moved:
        return
    with attached(correction.traceparent):
        told = [await _tell(tx, one, correction.id) for one in moved]
        quiet = [one for one in told if one.quiet]
        if quiet:
            await move_clocks(tx.session, quiet)
        loud = [one.case for one in told if not one.quiet]
        if loud:
            await bring_all_up_to_date(tx, rulebook, loud, now)
    await keep_moves(tx.session, correction.id, told)


async def _tell(tx: Transaction, outcome: Outcome, act: str) -> Outcome:
    case = outcome.case.having_told(len(outcome.moves))
    first = outcome.case.sequence + 1
    for sequence, move in enumerate(outcome.moves, start=first):
        event = _event(case, move, act)
        await tx.publish(event, subject=case.reference, key=case.id, sequence=sequence)
    return Outcome(case, outcome.moves)


def _event(case: Case, move: Move, act: str) -> ClockRecomputed:
    before, clock = move.before, move.clock
    return ClockRecomputed(
        reference=case.reference,
        area=case.area,
        clock=before.known.id,
        rule=before.known.rule,
        obligation=clock.rule.obligation,
        because="calendar-corrected",
        due_at_before=before.due_at,
        due_at=clock.due_at,
        due_on_before=before.due_on,
        due_on=clock.counted.due_on,
        state_before=before.known.state.value,
        state=clock.state.value,
        act=act,
    )
