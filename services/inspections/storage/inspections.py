"""Joint inspections, from and to their rows."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.inspections.domain.inspection import Inspection, reference_of
from services.inspections.domain.plan import Element, Plan
from services.inspections.domain.vocabulary import Body, Scope, Status, Theme
from services.inspections.storage.tables import InspectionRow, ReferenceCounterRow


@dataclass(frozen=True, slots=True)
class Which:
    """The inspections meant: all that fit everything that is not None.

    `seen_from` holds the areas of a caller for whom only those, and national ones, exist.
    """

    theme: Theme | None = None
    area: str | None = None
    status: Status | None = None
    first: date | None = None
    last: date | None = None
    seen_from: frozenset[str] | None = None


async def next_reference(session: AsyncSession, year: int) -> str:
    """The year's next reference; whoever else plans waits until this one is kept or dropped."""
    counter = insert(ReferenceCounterRow).values(year=year, last=1)
    counter = counter.on_conflict_do_update(
        index_elements=["year"], set_={"last": col(ReferenceCounterRow.last) + 1}
    )
    number = await session.scalar(counter.returning(col(ReferenceCounterRow.last)))
    return reference_of(year, number or 1)


async def add_inspection(session: AsyncSession, inspection: Inspection) -> None:
    """Write a new inspection."""
    session.add(InspectionRow(id=inspection.id, **_values(inspection)))
    await session.flush()


async def save_inspection(session: AsyncSession, inspection: Inspection) -> None:
    """Write a changed inspection whose row is locked."""
    row = await session.get_one(InspectionRow, inspection.id)
    for name, value in _values(inspection).items():
        setattr(row, name, value)
    await session.flush()


async def lock_inspection(session: AsyncSession, reference: str) -> Inspection | None:
    """The inspection with its row locked, or None."""
    return await _one(session, _by_reference(reference).with_for_update())


async def load_inspection(session: AsyncSession, reference: str) -> Inspection | None:
    """The inspection of a reference, or None."""
    return await _one(session, _by_reference(reference))


async def load_inspections(
    session: AsyncSession, which: Which, after: str = "", limit: int | None = None
) -> list[Inspection]:
    """Inspections in the order in which they were planned, from the one behind the id `after`."""
    statement = select(InspectionRow).where(col(InspectionRow.id) > after, *_conditions(which))
    rows = await session.scalars(statement.order_by(col(InspectionRow.id)).limit(limit))
    return [_inspection(row) for row in rows]


def _conditions(which: Which) -> list[ColumnElement[bool]]:
    equal = (
        (InspectionRow.theme, which.theme),
        (InspectionRow.status, which.status),
    )
    found = [col(column) == value.value for column, value in equal if value is not None]
    if which.area is not None:
        found.append(_touches(frozenset({which.area})))
    if which.seen_from is not None:
        found.append(_touches(which.seen_from))
    return [*found, _meets(which.first, which.last)]


def _touches(areas: frozenset[str]) -> ColumnElement[bool]:
    national = col(InspectionRow.scope) == Scope.NATIONAL.value
    return or_(national, InspectionRow.__table__.c.areas.overlap(sorted(areas)))  # pyright: ignore[reportAttributeAccessIssue]


def _meets(first: date | None, last: date | None) -> ColumnElement[bool]:
    """Whether any day of the inspection lies from `first` to `last`."""
    begins = col(InspectionRow.starts_on) <= (last or date.max)
    return and_(begins, col(InspectionRow.ends_on) >= (first or date.min))


def _by_reference(reference: str) -> Select[InspectionRow]:
    return select(InspectionRow).where(col(InspectionRow.reference) == reference)


async def _one(session: AsyncSession, statement: Select[InspectionRow]) -> Inspection | None:
    row = await session.scalar(statement)
    return None if row is None else _inspection(row)


def _values(inspection: Inspection) -> dict[str, Any]:
    plan = inspection.plan
    return {
        "reference": inspection.reference,
        "theme": plan.theme.value,
        "scope": plan.scope.value,
        "areas": list(plan.areas),
        "starts_on": plan.starts_on,
        "ends_on": plan.ends_on,
        "elements": [{"name": each.name, "bodies": list(each.bodies)} for each in plan.elements],
        "title": plan.title,
        "footprint": plan.footprint,
        "status": inspection.status.value,
        "cancelled_reason": inspection.cancelled_reason,
        "planned_at": inspection.planned_at,
        "version": inspection.version,
    }


def _inspection(row: InspectionRow) -> Inspection:
    return Inspection(
        id=row.id,
        reference=row.reference,
        plan=_plan(row),
        planned_at=row.planned_at,
        status=Status(row.status),
        cancelled_reason=row.cancelled_reason,
        version=row.version,
    )


def _plan(row: InspectionRow) -> Plan:
    elements = tuple(
        Element(each["name"], tuple(Body(body) for body in each["bodies"])) for each in row.elements
    )
    return Plan(
        theme=Theme(row.theme),
        scope=Scope(row.scope),
        areas=tuple(row.areas),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        elements=elements,
        title=row.title,
        footprint=row.footprint,
    )
