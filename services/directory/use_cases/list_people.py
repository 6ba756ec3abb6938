"""Everybody who can be appointed, one page after the other."""

from services.directory.domain.person import Person
from services.directory.storage.people import load_people
from shared.confidential.fields import FieldCipher
from shared.transaction import Transaction


async def list_people(tx: Transaction, cipher: FieldCipher, after: str, limit: int) -> list[Person]:
    """People in the order in which they were added, from the one behind `after`."""
    return await load_people(tx.session, cipher, after, limit)
