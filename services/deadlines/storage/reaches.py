"""What a change of a regime still owes: the cases it has not reached yet."""

from datetime import datetime

import uuid_utils
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.deadlines.storage.act_tables import ReachRow
from services.deadlines.storage.lone_cases import none_left
from shared.telemetry import current_traceparent


async def owe_reach(
    session: AsyncSession, regime: str, because: str, behind: str, now: datetime
) -> None:
    """From now on the cases behind one id are to be derived anew."""
    session.add(
        ReachRow(
            id=str(uuid_utils.uuid7()),
            regime=regime,
            because=because,
            began_at=now,
            behind=behind,
            traceparent=current_traceparent(),
        )
    )
    await session.flush()


async def claim_reach(session: AsyncSession) -> ReachRow | None:
    """The first with batches left that nobody else is carrying through now."""
    return await _first(session, col(ReachRow.all_taken_at).is_(None))


async def claim_reached(session: AsyncSession) -> ReachRow | None:
    """One that has reached every case, which nobody has said yet."""
    return await _first(session, col(ReachRow.all_taken_at).is_not(None), none_left(ReachRow))


async def lock_reach(session: AsyncSession, reach: str) -> ReachRow:
    """One of them, held until the transaction ends."""
    return await session.get_one(ReachRow, reach, with_for_update=True)


async def _first(session: AsyncSession, *which: ColumnElement[bool]) -> ReachRow | None:
    owed = select(ReachRow).where(col(ReachRow.ended_at).is_(None), *which)
    first = owed.order_by(col(ReachRow.id)).limit(1).with_for_update(skip_locked=True)
    return (await session.scalars(first)).first()
