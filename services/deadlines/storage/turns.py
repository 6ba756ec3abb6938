"""The history of clocks: what was recomputed, why, and what was before and after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.deadlines.domain.clock import Clock
from services.deadlines.domain.moves import Cause, Moved
from services.deadlines.storage.act_tables import TurnRow
from services.deadlines.storage.json_text import as_json
from services.deadlines.storage.recorded_clocks import clock_id

_ADD = text("""
    INSERT INTO turns (clock_id, case_id, at, because, act, due_at_before, due_at_after,
        due_on_before, due_on_after, state_before, state_after, facts)
    SELECT moved.clock_id, moved.case_id, :now, :because, :act, moved.due_at_before,
        moved.due_at_after, moved.due_on_before, moved.due_on_after, moved.state_before,
        moved.state_after, CAST(:facts AS jsonb)
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS moved (clock_id text, case_id text,
        due_at_before timestamptz, due_at_after timestamptz, due_on_before date,
        due_on_after date, state_before text, state_after text)
""")
_BY_CALENDARS = text("""
    SELECT corrections.began_at AS at, moves.correction, corrections.calendar, corrections.version,
        moves.due_at_before, moves.due_at_after, moves.due_on_before, moves.due_on_after
    FROM calendar_moves AS moves
    JOIN calendar_corrections AS corrections ON corrections.id = moves.correction
    WHERE moves.clock_id = :clock
""")


@dataclass(frozen=True, slots=True)
class Turned:
    """One line of a clock's history; states are None where only the due date is known."""

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


async def add_turns(
    session: AsyncSession, cause: Cause, moved: Sequence[Moved], now: datetime
) -> None:
    """Write before and after of each of these clocks, in one statement."""
    if moved:
        rows = as_json([_row(one) for one in moved])
        said = {"because": cause.because, "act": cause.act, "facts": as_json(cause.facts)}
        await session.execute(_ADD, said | {"rows": rows, "now": now})


async def history(session: AsyncSession, clock: str) -> list[Turned]:
    """Everything that changed one clock but time and its own completion, oldest first."""
    rows = await session.scalars(select(TurnRow).where(col(TurnRow.clock_id) == clock))
    names = Turned.__dataclass_fields__
    found = [Turned(**{name: getattr(row, name) for name in names}) for row in rows]
    moved = await session.execute(_BY_CALENDARS, {"clock": clock})
    return sorted([*found, *map(_by_calendar, moved)], key=lambda turned: turned.at)


def _row(moved: Moved) -> dict[str, Any]:
    before, after = moved.before, moved.after
    return {
        "clock_id": clock_id(moved.case, after.rule.id),
        "case_id": moved.case.id,
        "due_at_before": before.due_at if before else None,
        "due_at_after": after.due_at,
        "due_on_before": before.counted.due_on if before else None,
        "due_on_after": after.counted.due_on,
        "state_before": _state(before),
        "state_after": _state(after),
    }


def _state(clock: Clock | None) -> str:
    return clock.state.value if clock else "none"


def _by_calendar(row: Any) -> Turned:
    return Turned(
        at=row.at,
        because="calendar-corrected",
        act=row.correction,
        due_at_before=row.due_at_before,
        due_at_after=row.due_at_after,
        due_on_before=row.due_on_before,
        due_on_after=row.due_on_after,
        state_before=None,
        state_after=None,
        facts={"calendar": row.calendar, "version": str(row.version)},
    )
