"""Corrections of calendars and what they moved, from and to their rows."""

from collections.abc import Sequence

from sqlalchemy import exists, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from services.deadlines.domain.recomputation import Outcome
from services.deadlines.storage.calendar_tables import CorrectionRow, MoveRow, PartRow
from services.deadlines.storage.json_text import as_json
from services.deadlines.storage.lone_cases import none_left
from services.deadlines.storage.tables import RUNNING

_KEEP = text("""
    INSERT INTO calendar_moves (correction, clock_id, reference, area, rule,
        due_at_before, due_at_after, due_on_before, due_on_after)
    SELECT :correction, moved.* FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS moved (
        id text, reference text, area text, rule text, due_at_before timestamptz,
        due_at timestamptz, due_on_before date, due_on date
    )
    ON CONFLICT (correction, clock_id) DO NOTHING
""")


_BOUNDS = text(f"""
    SELECT case_id FROM (
        SELECT case_id, row_number() OVER (ORDER BY case_id) AS place FROM clocks
        WHERE {RUNNING} AND (CAST(:area AS text) IS NULL OR area = :area)
    ) AS running WHERE place % :each = 0 ORDER BY case_id
""")  # noqa: S608 - written above
_COUNT = text("""
    UPDATE calendar_corrections SET examined = examined + :examined, moved = moved + :moved
    WHERE id = :correction
""")


async def owe_correction(
    session: AsyncSession, correction: CorrectionRow, area: str | None, each: int
) -> None:
    """From now on open clocks are to be moved on to a new version, in parts of `each` clocks."""
    session.add(correction)
    await session.flush()
    until = list(dict.fromkeys(await session.scalars(_BOUNDS, {"area": area, "each": each})))
    parts = zip(["", *until], [*until, None], strict=True)
    session.add_all(
        PartRow(correction=correction.id, number=number, behind=behind, until=last)
        for number, (behind, last) in enumerate(parts)
    )
    await session.flush()


async def claim_part(session: AsyncSession) -> PartRow | None:
    """The first part that is not done and that nobody else is carrying through now."""
    owed = select(PartRow).where(col(PartRow.ended_at).is_(None))
    first = owed.order_by(col(PartRow.correction), col(PartRow.number)).limit(1)
    return (await session.scalars(first.with_for_update(skip_locked=True))).first()


async def claim_done(session: AsyncSession) -> CorrectionRow | None:
    """A correction that has moved every clock, which nobody has said yet."""
    part = aliased(PartRow)
    open_parts = exists().where(
        col(part.correction) == col(CorrectionRow.id), col(part.ended_at).is_(None)
    )
    owed = select(CorrectionRow).where(col(CorrectionRow.ended_at).is_(None))
    done = owed.where(~open_parts, none_left(CorrectionRow))
    first = done.order_by(col(CorrectionRow.id)).limit(1).with_for_update(skip_locked=True)
    return (await session.scalars(first)).first()


async def get_correction(session: AsyncSession, correction: str) -> CorrectionRow:
    """One that there is."""
    return await session.get_one(CorrectionRow, correction)


async def count_moved(session: AsyncSession, correction: str, examined: int, moved: int) -> None:
    """Add to the counts, as late in a transaction as can be: all parts wait for this one row."""
    counted = {"correction": correction, "examined": examined, "moved": moved}
    await session.execute(_COUNT, counted)


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
