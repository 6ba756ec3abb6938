"""The projection of link inspectors, from and to its rows."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.inspections.domain.link_inspector import Tenure
from services.inspections.storage.tables import LinkInspectorRow


async def keep_tenure(session: AsyncSession, tenure: Tenure) -> bool:
    """Write what an event said, unless a later event of that appointment was written already."""
    values = {
        "person": tenure.person,
        "area": tenure.area,
        "cover": tenure.cover,
        "starts_on": tenure.starts_on,
        "ends_on": tenure.ends_on,
        "version": tenure.version,
    }
    written = insert(LinkInspectorRow).values(appointment=tenure.appointment, **values)
    statement = written.on_conflict_do_update(
        index_elements=["appointment"],
        set_=values,
        where=col(LinkInspectorRow.version) < tenure.version,
    )
    kept = await session.execute(statement.returning(col(LinkInspectorRow.appointment)))
    return kept.first() is not None


async def load_tenure(session: AsyncSession, appointment: str) -> Tenure | None:
    """What is known of one appointment, or None."""
    row = await session.get(LinkInspectorRow, appointment)
    return None if row is None else _tenure(row)


async def tenures_between(
    session: AsyncSession, areas: Iterable[str], first: date, last: date
) -> list[Tenure]:
    """Appointments for the areas with a day from `first` to `last`."""
    ends_on = col(LinkInspectorRow.ends_on)
    statement = select(LinkInspectorRow).where(
        col(LinkInspectorRow.area).in_(set(areas)),
        col(LinkInspectorRow.starts_on) <= last,
        or_(ends_on.is_(None), ends_on > first),
    )
    return [_tenure(row) for row in await session.scalars(statement)]


def _tenure(row: LinkInspectorRow) -> Tenure:
    return Tenure(
        appointment=row.appointment,
        person=row.person,
        area=row.area,
        cover=row.cover,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        version=row.version,
    )
