"""What a change of a regime still owes: the cases it has not reached yet."""

from datetime import datetime

import uuid_utils
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.deadlines.storage.act_tables import ReachRow
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
    """The first that is not done and that nobody else is carrying through now."""
    owed = select(ReachRow).where(col(ReachRow.ended_at).is_(None)).order_by(col(ReachRow.id))
    first = owed.limit(1).with_for_update(skip_locked=True)
    return (await session.scalars(first)).first()
