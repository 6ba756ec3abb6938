"""Organisations with what they cover, from and to their rows."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.directory.domain.organisation import Cover, Organisation, OrganisationKind
from services.directory.storage.tables import OrganisationCoverRow, OrganisationRow


async def add_organisation(session: AsyncSession, organisation: Organisation) -> None:
    """Write a new organisation and what it covers."""
    kind = organisation.kind.value
    session.add(OrganisationRow(code=organisation.code, name=organisation.name, kind=kind))
    await session.flush()
    session.add_all(
        OrganisationCoverRow(
            organisation=organisation.code,
            area=cover.area,
            starts_on=cover.starts_on,
            ends_on=cover.ends_on,
        )
        for cover in organisation.covers
    )


async def load_organisation(session: AsyncSession, code: str) -> Organisation | None:
    """The organisation of a code, or None."""
    row = await session.get(OrganisationRow, code)
    return None if row is None else (await _with_covers(session, [row]))[0]


async def load_organisations(
    session: AsyncSession,
    *,
    kind: OrganisationKind | None = None,
    area: str | None = None,
    after: str = "",
    limit: int | None = None,
) -> list[Organisation]:
    """Organisations in the order of their codes; `area` keeps those that ever covered it."""
    statement = select(OrganisationRow).where(col(OrganisationRow.code) > after)
    if kind is not None:
        statement = statement.where(col(OrganisationRow.kind) == kind.value)
    if area is not None:
        covering = select(col(OrganisationCoverRow.organisation)).where(
            col(OrganisationCoverRow.area) == area
        )
        statement = statement.where(col(OrganisationRow.code).in_(covering))
    rows = await session.scalars(statement.order_by(col(OrganisationRow.code)).limit(limit))
    return await _with_covers(session, rows.all())


async def _with_covers(
    session: AsyncSession, rows: Sequence[OrganisationRow]
) -> list[Organisation]:
    covers: defaultdict[str, list[Cover]] = defaultdict(list)
    codes = [row.code for row in rows]
    wanted = select(OrganisationCoverRow).where(col(OrganisationCoverRow.organisation).in_(codes))
    for each in await session.scalars(wanted.order_by(col(OrganisationCoverRow.area))):
        covers[each.organisation].append(Cover(each.area, each.starts_on, each.ends_on))
    return [
        Organisation(row.code, row.name, OrganisationKind(row.kind), tuple(covers[row.code]))
        for row in rows
    ]
