"""Council areas, from and to their rows."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.directory.domain.area import Area
from services.directory.storage.tables import AreaRow


async def load_area(session: AsyncSession, gss_code: str) -> Area | None:
    """The area of a code, or None when there is none."""
    row = await session.get(AreaRow, gss_code)
    return None if row is None else _area(row)


async def lock_area(session: AsyncSession, gss_code: str) -> Area | None:
    """The same, with its row locked: whoever appoints somebody for the area goes one by one."""
    row = await session.get(AreaRow, gss_code, with_for_update={"key_share": True})
    return None if row is None else _area(row)


async def load_areas(
    session: AsyncSession, after: str = "", limit: int | None = None
) -> list[Area]:
    """Areas in the order of their codes, from the one behind `after`."""
    statement = select(AreaRow).where(col(AreaRow.gss_code) > after).order_by(col(AreaRow.gss_code))
    return [_area(row) for row in await session.scalars(statement.limit(limit))]


def _area(row: AreaRow) -> Area:
    return Area(row.gss_code, row.name, row.valid_from, row.valid_to)
