"""People, from and to their rows."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.directory.domain.person import Person, Specialism
from services.directory.storage.tables import PersonRow
from shared.confidential.fields import FieldCipher
from shared.errors import Conflict, FieldError


async def add_person(session: AsyncSession, cipher: FieldCipher, person: Person) -> None:
    """Write a new person, name and mailbox encrypted."""
    session.add(PersonRow(id=person.id, **_values(cipher, person)))
    await _write(session)


async def save_person(session: AsyncSession, cipher: FieldCipher, person: Person) -> None:
    """Write a changed person whose row is locked."""
    row = await session.get_one(PersonRow, person.id)
    for name, value in _values(cipher, person).items():
        setattr(row, name, value)
    await _write(session)


async def lock_person(session: AsyncSession, cipher: FieldCipher, person_id: str) -> Person | None:
    """The person with their row locked, or None."""
    row = await session.get(PersonRow, person_id, with_for_update={"key_share": True})
    return None if row is None else _person(cipher, row)


async def load_person(session: AsyncSession, cipher: FieldCipher, person_id: str) -> Person | None:
    """The person of an id, or None."""
    row = await session.get(PersonRow, person_id)
    return None if row is None else _person(cipher, row)


async def knows_person(session: AsyncSession, person_id: str) -> bool:
    """Whether somebody has this id."""
    known = select(col(PersonRow.id)).where(col(PersonRow.id) == person_id)
    return await session.scalar(known) is not None


async def knows_anybody(session: AsyncSession) -> bool:
    """Whether people are entered, whoever's key encrypts them."""
    return await session.scalar(select(col(PersonRow.id)).limit(1)) is not None


async def load_people(
    session: AsyncSession,
    cipher: FieldCipher,
    after: str,
    limit: int,
    accounts: Collection[str] | None,
) -> list[Person]:
    """People in the order in which they were added, from the one behind `after`."""
    statement = select(PersonRow).where(col(PersonRow.id) > after).order_by(col(PersonRow.id))
    if accounts is not None:
        statement = statement.where(col(PersonRow.signs_in_as).in_(accounts))
    return [_person(cipher, row) for row in await session.scalars(statement.limit(limit))]


async def people_by_id(
    session: AsyncSession, cipher: FieldCipher, ids: Iterable[str]
) -> dict[str, Person]:
    """Those of the ids that are people's."""
    statement = select(PersonRow).where(col(PersonRow.id).in_(set(ids)))
    return {row.id: _person(cipher, row) for row in await session.scalars(statement)}


async def _write(session: AsyncSession) -> None:
    try:
        await session.flush()
    except IntegrityError as error:
        # It is the table's only rule, and holds between two who write at once.
        rule = "is the account of another person in the directory"
        raise Conflict(
            "That account belongs to another person.", (FieldError("signs_in_as", rule),)
        ) from error


def _values(cipher: FieldCipher, person: Person) -> dict[str, Any]:
    return {
        "name": cipher.encrypt(person.name, _context("name", person.id)),
        "mailbox": cipher.encrypt(person.mailbox, _context("mailbox", person.id)),
        "specialism": None if person.specialism is None else person.specialism.value,
        "signs_in_as": person.signs_in_as,
        "version": person.version,
    }


def _person(cipher: FieldCipher, row: PersonRow) -> Person:
    return Person(
        id=row.id,
        name=cipher.decrypt_text(row.name, _context("name", row.id)),
        mailbox=cipher.decrypt_text(row.mailbox, _context("mailbox", row.id)),
        specialism=None if row.specialism is None else Specialism(row.specialism),
        signs_in_as=row.signs_in_as,
        version=row.version,
    )


def _context(field: str, person_id: str) -> str:
    return f"people.{field}/{person_id}"
