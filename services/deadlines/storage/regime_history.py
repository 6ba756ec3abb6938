"""What became of an emergency regime, as the audit trail has it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.deadlines.storage.tables import PLUMBING


@dataclass(frozen=True, slots=True)
class RegimeLine:
    """One entry: `what` is `declared`, `ended` or `withdrawn`, by the subject `by` for a `reason`.

    Or it is `carried-through`, by this service itself and without a reason: one of those acts has
    reached all cases that it had left to the worker, and `clocks_touched` are the clocks of these.
    """

    at: datetime
    what: str
    by: str
    reason: str
    until_before: date | None
    until: date | None
    clocks_touched: int


async def regime_history(session: AsyncSession, regime: str) -> list[RegimeLine]:
    """Oldest first."""
    trail = PLUMBING.audit_log
    wanted = select(trail).where(trail.c.subject == f"regime:{regime}")
    rows = await session.execute(wanted.order_by(trail.c.position))
    return [_line(row) for row in rows]


def _line(row: Any) -> RegimeLine:
    before, after = row.before or {}, row.after or {}
    return RegimeLine(
        at=row.at,
        what=row.act.removeprefix("regime."),
        by=row.actor,
        reason=row.reason or "",
        until_before=_day(before.get("until")),
        until=_day(after.get("until")),
        clocks_touched=after.get("clocks_touched", 0),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
