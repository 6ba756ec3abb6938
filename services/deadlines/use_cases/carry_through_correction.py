"""The open clocks of a corrected calendar are moved on to its new version, a batch a transaction.

A correction has parts, which several may carry through at once. Each remembers how far it has
come: whoever dies in the middle is followed by another, and a clock that was moved already is
passed over.
"""

import asyncio
from collections.abc import Iterator
from datetime import datetime

from services.deadlines.domain.case import Case
from services.deadlines.domain.recomputation import Move, Outcome, Recomputation
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.storage.calendar_tables import CorrectionRow
from services.deadlines.storage.calendars import hold_versions, read_newest
from services.deadlines.storage.corrections import (
    claim_done,
    claim_part,
    correction_of,
    count_moved,
    keep_moves,
)
from services.deadlines.storage.open_clocks import (
    OpenCase,
    move_clocks,
    open_cases,
    pin_cases,
)
from services.deadlines.use_cases.bring_up_to_date import bring_all_up_to_date
from services.deadlines.use_cases.preview_correction import affected
from shared.audit import record
from shared.events.deadlines import ClockRecomputed
from shared.telemetry import attached
from shared.transaction import Transaction

# So many cases are counted before others get their turn in this process.
SLICE = 50
ACTOR = "deadlines"


async def carry_through_correction(
    tx: Transaction, rulebook: Rulebook, now: datetime, limit: int
) -> bool:
    """Move the clocks of up to `limit` cases; False when nothing is left for anybody to take."""
    part = await claim_part(tx.session)
    if part is None:
        return await _end_one(tx, now)
    correction = await correction_of(tx.session, part)
    await read_newest(tx.session, rulebook.shelf)
    wanted = affected(rulebook, correction.calendar)
    found = await open_cases(tx.session, wanted, part.behind, limit, lock=True, until=part.until)
    outcomes = await _outcomes(Recomputation(rulebook, now), found)
    await _write(tx, rulebook, correction, outcomes, now)
    if len(found) < limit:
        part.ended_at = now
    else:
        part.behind = found[-1].case.id
    await tx.flush()
    examined = sum(len(one.running) for one in found)
    moved = sum(len(one.moves) for one in outcomes)
    await count_moved(tx.session, correction.id, examined, moved)
    return True


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


async def _end_one(tx: Transaction, now: datetime) -> bool:
    """Say of a correction that all of it is done; whoever is the last to look does."""
    correction = await claim_done(tx.session)
    if correction is None:
        return False
    correction.ended_at = now
    # Of two that end at once, one waits: both go into the trail of the calendar.
    await hold_versions(tx.session)
    await record(
        tx,
        actor=ACTOR,
        act="calendar.recomputed",
        subject=f"calendar:{correction.calendar}",
        now=now,
        after={
            "version": str(correction.version),
            "correction": correction.id,
            "examined": correction.examined,
            "moved": correction.moved,
        },
    )
    return True
