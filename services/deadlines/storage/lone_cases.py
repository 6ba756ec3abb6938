"""Cases that a change of many owes one by one: owed, taken, done, or put off."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, exists, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.deadlines.storage.act_tables import ReachRow
from services.deadlines.storage.calendar_tables import CorrectionRow
from services.deadlines.storage.lone_tables import LoneRow

_PUT_OFF = text(
    """UPDATE lone_cases SET next_try_at = :until, stuck_why = :why,
                             stuck_since = coalesce(stuck_since, :now)
       WHERE change = :change AND case_id = :case"""
)


class Lone(NamedTuple):
    """One case that a change owes by itself."""

    change: str
    case: str


async def owe_alone(
    session: AsyncSession, change: str, cases: Sequence[str], now: datetime
) -> None:
    """From now on each of these cases is owed by itself."""
    rows = [{"change": change, "case_id": case, "next_try_at": now} for case in cases]
    if rows:
        await session.execute(insert(LoneRow).on_conflict_do_nothing(), rows)


async def claim_lone(
    session: AsyncSession, changes: type[CorrectionRow | ReachRow], now: datetime
) -> Lone | None:
    """Lock the first whose time has come, of a change that is not done; others pass it over."""
    open_changes = select(col(changes.id)).where(col(changes.ended_at).is_(None))
    due = select(LoneRow).where(
        col(LoneRow.next_try_at) <= now, col(LoneRow.change).in_(open_changes)
    )
    first = due.order_by(col(LoneRow.next_try_at)).limit(1).with_for_update(skip_locked=True)
    row = (await session.scalars(first)).first()
    return Lone(row.change, row.case_id) if row else None


async def done_alone(session: AsyncSession, lone: Lone) -> None:
    """It is owed no more."""
    mine = col(LoneRow.change) == lone.change, col(LoneRow.case_id) == lone.case
    await session.execute(delete(LoneRow).where(*mine))


async def put_off(
    session: AsyncSession, lone: Lone, why: str, now: datetime, until: datetime
) -> None:
    """Try it again later, because now nothing can be done with it; others go on."""
    told = {"change": lone.change, "case": lone.case, "why": why, "now": now, "until": until}
    await session.execute(_PUT_OFF, told)


def none_left(changes: type[CorrectionRow | ReachRow]) -> ColumnElement[bool]:
    """Whether a change owes no case by itself."""
    return ~exists().where(col(LoneRow.change) == col(changes.id))


async def count_failed(session: AsyncSession, change: str | None = None) -> int:
    """How many cases have failed by themselves and are tried again; of one change or of all."""
    failed = select(func.count()).where(col(LoneRow.stuck_since).is_not(None))
    asked = failed.where(col(LoneRow.change) == change) if change else failed
    return (await session.execute(asked)).scalar_one()
