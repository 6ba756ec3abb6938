"""People, from and to their rows."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.directory.domain.person import Person, Specialism
from services.directory.storage.tables import PersonRow


async def add_person(session: AsyncSession, person: Person) -> None:
    """Write a new person."""
    session.add(PersonRow(id=person.id, **_values(person)))
    await session.flush()


async def save_person(session: AsyncSession, person: Person) -> None:
    """Write a changed person whose row is locked."""
    row = await session.get_one(PersonRow, person.id)
    for name, value in _values(person).items():
        setattr(row, name, value)
    await session.flush()


async def lock_person(session: AsyncSession, person_id: str) -> Person | None:
    """The person with their row locked, or None."""
    row = await session.get(PersonRow, person_id, with_for_update={"key_share": True})
    return None if row is None else _person(row)


async def load_person(session: AsyncSession, person_id: str) -> Person | None:
    """The person of an id, or None."""
    row = await session.get(PersonRow, person_id)
    return None if row is None else _person(row)


async def load_people(session: AsyncSession, after: str, limit: int | None) -> list[Person]:
    """People in the order in which they were added, from the one behind `after`."""
    statement = select(PersonRow).where(col(PersonRow.id) > after).order_by(col(PersonRow.id))
    return [_person(row) for row in await session.scalars(statement.limit(limit))]


async def people_by_id(session: AsyncSession, ids: Iterable[str]) -> dict[str, Person]:
    """Those of the ids that are people's."""
    statement = select(PersonRow).where(col(PersonRow.id).in_(set(ids)))
    return {row.id: _person(row) for row in await session.scalars(statement)}


def _values(person: Person) -> dict[str, Any]:
    return {
        "name": person.name,
        "mailbox": person.mailbox,
        "specialism": None if person.specialism is None else person.specialism.value,
        "version": person.version,
    }


def _person(row: PersonRow) -> Person:
    specialism = None if row.specialism is None else Specialism(row.specialism)
    return Person(row.id, row.name, row.mailbox, specialism, row.version)
