"""Everybody who can be appointed, one page after the other, or those with certain accounts."""

from collections.abc import Collection

from services.directory.domain.person import Person
from services.directory.storage.people import load_people
from shared.confidential.fields import FieldCipher
from shared.transaction import Transaction


async def list_people(
    tx: Transaction,
    cipher: FieldCipher,
    after: str,
    limit: int,
    accounts: Collection[str] | None = None,
) -> list[Person]:
    """People in the order in which they were added; with `accounts` only who signs in as these."""
    return await load_people(tx.session, cipher, after, limit, accounts)
