"""Decisions about a case; each is added, none is changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.storage.tables import DecisionRow

TABLE: Any = DecisionRow.__table__  # pyright: ignore[reportAttributeAccessIssue]


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided when, and who recorded it when."""

    id: str
    decision: str
    decided_at: datetime
    recorded_at: datetime
    recorded_by: str


async def insert_decision(session: AsyncSession, notification: str, made: Decision) -> None:
    """Write one decision."""
    values = {name: getattr(made, name) for name in Decision.__dataclass_fields__}
    await session.execute(TABLE.insert(), values | {"notification_id": notification})


async def load_decisions(session: AsyncSession, notification: str) -> Sequence[Decision]:
    """The decisions of a case in the order they were recorded."""
    wanted = select(TABLE).where(TABLE.c.notification_id == notification)
    rows = await session.execute(wanted.order_by(TABLE.c.recorded_at, TABLE.c.id))
    names = Decision.__dataclass_fields__
    return [Decision(**{name: getattr(row, name) for name in names}) for row in rows]
