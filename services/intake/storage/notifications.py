"""Notifications: rows to cases and back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.case import Case
from services.intake.storage.tables import NotificationRow
from shared.errors import NotFound
from shared.writes import Insert, Row

TABLE: Any = NotificationRow.__table__  # pyright: ignore[reportAttributeAccessIssue]
NEW_CASES = Insert(TABLE)
_DECIDED = tuple(Case.__dataclass_fields__)
_decided = attrgetter(*_DECIDED)
CASE_COLUMNS = [TABLE.c[name] for name in _DECIDED]


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases are wanted; None is any."""

    areas: Collection[str] | None = None
    kind: str | None = None
    status: str | None = None
    received_from: datetime | None = None
    received_to: datetime | None = None


def new_case(case: Case, *, record_key: bytes, personal: bytes) -> Row:
    """The row that a new case is written as."""
    values = zip(_DECIDED, _decided(case), strict=True)
    return {"record_key": record_key, "personal": personal, **dict(values)}


async def lock_case(session: AsyncSession, reference: str) -> Case:
    """The case, locked until the transaction ends: its events and audit entries are in order."""
    return await _one(session, reference, lock=True)


async def load_case(session: AsyncSession, reference: str) -> Case:
    """The case as it is, or `NotFound`."""
    return await _one(session, reference, lock=False)


async def load_sealed(session: AsyncSession, case: Case) -> tuple[bytes | None, bytes]:
    """The wrapped key of a case and its sealed personal part."""
    wanted = select(TABLE.c.record_key, TABLE.c.personal).where(TABLE.c.id == case.id)
    row = (await session.execute(wanted)).one()
    return row.record_key, row.personal


async def bump_version(session: AsyncSession, case: Case) -> int:
    """Something happened to the locked case; answers the sequence of its next event."""
    version = case.version + 1
    await session.execute(update(TABLE).where(TABLE.c.id == case.id).values(version=version))
    return version


async def list_cases(
    session: AsyncSession, wanted: CaseFilter, before: tuple[datetime, str] | None, limit: int
) -> Sequence[Case]:
    """The newest first, from after the last one of the page before."""
    statement = select(*CASE_COLUMNS).where(and_(True, *_conditions(wanted)))
    if before is not None:
        at, last = before
        older = and_(TABLE.c.received_at == at, TABLE.c.id < last)
        statement = statement.where(or_(TABLE.c.received_at < at, older))
    newest_first = statement.order_by(TABLE.c.received_at.desc(), TABLE.c.id.desc())
    return [_case(row) for row in await session.execute(newest_first.limit(limit))]


async def _one(session: AsyncSession, reference: str, *, lock: bool) -> Case:
    statement = select(*CASE_COLUMNS).where(TABLE.c.reference == reference)
    # The weaker lock: lines of the timeline, which point at this row, need not wait for it.
    statement = statement.with_for_update(key_share=True) if lock else statement
    row = (await session.execute(statement)).first()
    if row is None:
        raise NotFound("There is no such notification.")
    return _case(row)


def _conditions(wanted: CaseFilter) -> list[ColumnElement[bool]]:
    given = (
        (wanted.kind, TABLE.c.kind.__eq__),
        (wanted.status, TABLE.c.status.__eq__),
        (wanted.received_from, TABLE.c.received_at.__ge__),
        (wanted.received_to, TABLE.c.received_at.__lt__),
    )
    conditions: list[ColumnElement[bool]] = [
        compare(value) for value, compare in given if value is not None
    ]
    if wanted.areas is not None:
        conditions.append(TABLE.c.area.in_(wanted.areas))
    return conditions


def _case(row: Any) -> Case:
    return Case(**row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name
