"""The open clocks of a corrected calendar are moved on to its new version, a batch a transaction.

A correction has parts, which several may carry through at once. Each remembers how far it has
come: whoever dies in the middle is followed by another, and a clock that was moved already is
passed over. A batch that cannot be done is taken apart: its cases are then owed one by one.
"""

from collections.abc import Sequence
from datetime import datetime

from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.storage.calendar_tables import CorrectionRow, PartRow
from services.deadlines.storage.calendars import hold_versions, read_newest
from services.deadlines.storage.corrections import claim_done, claim_part, get_correction
from services.deadlines.storage.lone_cases import Lone, owe_alone
from services.deadlines.storage.open_clocks import ids_of_open, open_case, open_cases
from services.deadlines.use_cases.move_open_cases import move_open_cases
from services.deadlines.use_cases.preview_correction import affected
from shared.audit import record
from shared.transaction import Transaction

ACTOR = "deadlines"


async def carry_through_correction(
    tx: Transaction, rulebook: Rulebook, now: datetime, limit: int
) -> bool:
    """Move the clocks of up to `limit` cases; False when no part is left for anybody to take."""
    part = await claim_part(tx.session)
    if part is None:
        return False
    correction = await _of_this(tx, rulebook, part.correction)
    wanted = affected(rulebook, correction.calendar)
    found = await open_cases(tx.session, wanted, part.behind, limit, lock=True, until=part.until)
    _go_on(part, [one.case.id for one in found], limit, now)
    await move_open_cases(tx, rulebook, correction, found, now)
    return True


async def take_correction_apart(
    tx: Transaction, rulebook: Rulebook, now: datetime, limit: int
) -> None:
    """Owe each case of the next batch by itself, unless somebody else has taken it."""
    part = await claim_part(tx.session)
    if part is None:
        return
    correction = await get_correction(tx.session, part.correction)
    wanted = affected(rulebook, correction.calendar)
    cases = await ids_of_open(tx.session, wanted, part.behind, limit, part.until)
    await owe_alone(tx.session, correction.id, cases, now)
    _go_on(part, cases, limit, now)


async def carry_correction_alone(
    tx: Transaction, rulebook: Rulebook, lone: Lone, now: datetime
) -> None:
    """Move the clocks of one case that is owed by itself."""
    correction = await _of_this(tx, rulebook, lone.change)
    found = await open_case(tx.session, affected(rulebook, correction.calendar), lone.case)
    await move_open_cases(tx, rulebook, correction, found, now)


async def _of_this(tx: Transaction, rulebook: Rulebook, correction: str) -> CorrectionRow:
    """The correction, with what it counts by at hand."""
    await read_newest(tx.session, rulebook.shelf)
    return await get_correction(tx.session, correction)


def _go_on(part: PartRow, cases: Sequence[str], limit: int, now: datetime) -> None:
    if len(cases) < limit:
        part.ended_at = now
    else:
        part.behind = cases[-1]


async def end_correction(tx: Transaction, now: datetime) -> bool:
    """Say of one that all of it is done; False when there is none to say it of."""
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
