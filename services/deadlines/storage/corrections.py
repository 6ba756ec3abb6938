"""Corrections of calendars and what they moved, from and to their rows."""

from collections.abc import Sequence

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.deadlines.domain.recomputation import Outcome
from services.deadlines.storage.calendar_tables import CorrectionRow, MoveRow
from services.deadlines.storage.open_clocks import as_json

_KEEP = text("""
    INSERT INTO calendar_moves (correction, clock_id, reference, area, rule,
        due_at_before, due_at_after, due_on_before, due_on_after)
    SELECT :correction, moved.* FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS moved (
        id text, reference text, area text, rule text, due_at_before timestamptz,
        due_at timestamptz, due_on_before date, due_on date
    )
    ON CONFLICT (correction, clock_id) DO NOTHING
""")


async def claim_correction(session: AsyncSession) -> CorrectionRow | None:
    """The first correction that is not done and that nobody else is carrying through now."""
    owed = select(CorrectionRow).where(col(CorrectionRow.ended_at).is_(None))
    first = owed.order_by(col(CorrectionRow.id)).limit(1).with_for_update(skip_locked=True)
    return (await session.scalars(first)).first()


async def keep_moves(session: AsyncSession, correction: str, outcomes: Sequence[Outcome]) -> None:
    """Write before and after of every clock that moved, in one statement."""
    rows = [
        {
            "id": move.before.known.id,
            "reference": one.case.reference,
            "area": one.case.area,
            "rule": move.before.known.rule,
            "due_at_before": move.before.due_at,
            "due_at": move.clock.due_at,
            "due_on_before": move.before.due_on,
            "due_on": move.clock.counted.due_on,
        }
        for one in outcomes
        for move in one.moves
    ]
    if rows:
        await session.execute(_KEEP, {"correction": correction, "rows": as_json(rows)})


async def find_correction(
    session: AsyncSession, calendar: str, version: int
) -> CorrectionRow | None:
    """The correction that brought a version into force, or None for one that began with it."""
    of_it = select(CorrectionRow).where(
        col(CorrectionRow.calendar) == calendar, col(CorrectionRow.version) == version
    )
    return (await session.scalars(of_it)).first()


async def list_moves(
    session: AsyncSession, correction: str, areas: frozenset[str] | None, after: str, limit: int
) -> list[MoveRow]:
    """What a correction moved in areas that exist for the caller, by the clocks' ids."""
    found = select(MoveRow).where(
        col(MoveRow.correction) == correction, col(MoveRow.clock_id) > after
    )
    if areas is not None:
        found = found.where(col(MoveRow.area).in_(areas))
    return list(await session.scalars(found.order_by(col(MoveRow.clock_id)).limit(limit)))


def owe_correction(session: AsyncSession, correction: CorrectionRow) -> None:
    """From now on the open clocks of a calendar are to be moved on to its new version."""
    session.add(correction)
