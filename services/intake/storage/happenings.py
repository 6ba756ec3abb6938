"""The timeline of a case: lines written by intake itself and from other services' events."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.timeline import Happening
from services.intake.storage.tables import HappeningRow

TABLE: Any = HappeningRow.__table__  # pyright: ignore[reportAttributeAccessIssue]
# Made once: making a statement costs more than running it.
_INSERT = TABLE.insert().inline()


async def add_happening(session: AsyncSession, notification: str, happening: Happening) -> None:
    """Write one line."""
    await session.execute(_INSERT, happening_values(notification, happening))


def happening_values(notification: str, happening: Happening) -> dict[str, Any]:
    """One line as its row is written."""
    values = {name: getattr(happening, name) for name in Happening.__dataclass_fields__}
    return values | {"notification_id": notification}


async def list_happenings(
    session: AsyncSession, notification: str, after: tuple[datetime, int] | None, limit: int
) -> Sequence[tuple[int, Happening]]:
    """Lines in the order things happened, each with its position for the next page."""
    wanted = select(TABLE).where(TABLE.c.notification_id == notification)
    if after is not None:
        wanted = wanted.where(tuple_(TABLE.c.at, TABLE.c.position) > after)
    rows = await session.execute(wanted.order_by(TABLE.c.at, TABLE.c.position).limit(limit))
    return [(row.position, _happening(row)) for row in rows]


def _happening(row: Any) -> Happening:
    return Happening(**{name: getattr(row, name) for name in Happening.__dataclass_fields__})
