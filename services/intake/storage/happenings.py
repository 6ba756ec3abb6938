"""The timeline of a case: lines written by intake itself and from other services' events."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, cast

import msgspec
from sqlalchemy import CursorResult, DateTime, Text, bindparam, select, text, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.timeline import Happening
from services.intake.storage.tables import HappeningRow
from shared.writes import Insert, Row

TABLE: Any = HappeningRow.__table__  # pyright: ignore[reportAttributeAccessIssue]
_SAID = tuple(Happening.__dataclass_fields__)
_said = attrgetter(*_SAID)
HAPPENINGS = Insert(TABLE, "notification_id", *_SAID)
# One statement for any number of lines; `nth` keeps them in the order they were told in.
_INSERT_MANY = text(
    """INSERT INTO happenings (notification_id, at, service, what, text, facts, trace_id)
       SELECT notifications.id, told.at, told.service, told.what, told.text,
              CAST(told.facts AS jsonb), told.trace_id
       FROM unnest(:reference, :at, :service, :what, :text, :facts, :trace_id) WITH ORDINALITY
            AS told (reference, at, service, what, text, facts, trace_id, nth)
       JOIN notifications ON notifications.reference = told.reference
       ORDER BY told.nth"""
).bindparams(
    bindparam("at", type_=ARRAY(DateTime(timezone=True))),
    *(
        bindparam(name, type_=ARRAY(Text))
        for name in ("reference", "service", "what", "text", "facts", "trace_id")
    ),
)


async def add_happenings(session: AsyncSession, told: Sequence[tuple[str, Happening]]) -> int:
    """Write a line into the case of each reference; answers how many of them are known."""
    lines = [line for _, line in told]
    values = {
        "reference": [reference for reference, _ in told],
        "at": [line.at for line in lines],
        "service": [line.service for line in lines],
        "what": [line.what for line in lines],
        "text": [line.text for line in lines],
        "facts": [msgspec.json.encode(line.facts).decode() for line in lines],
        "trace_id": [line.trace_id for line in lines],
    }
    done = cast("CursorResult[Any]", await session.execute(_INSERT_MANY, values))
    return done.rowcount


def new_happening(notification: str, happening: Happening) -> Row:
    """The row that one line is written as."""
    return {"notification_id": notification, **dict(zip(_SAID, _said(happening), strict=True))}


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
    return Happening(**{name: getattr(row, name) for name in _SAID})
