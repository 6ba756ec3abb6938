"""Enter somebody who can be appointed."""

from datetime import datetime

from uuid_utils import uuid7

from services.directory.domain.person import KnownAs, Person, enrol
from services.directory.storage.people import add_person as add_row
from shared.audit import record
from shared.confidential.fields import FieldCipher
from shared.transaction import Transaction


async def add_person(
    tx: Transaction,
    cipher: FieldCipher,
    *,
    known_as: KnownAs,
    actor: str,
    now: datetime,
) -> Person:
    """The person under a new id; name and mailbox stay out of the audit trail."""
    person = enrol(str(uuid7()), known_as)
    await add_row(tx.session, cipher, person)
    told = {"signs_in_as": person.signs_in_as}
    await record(tx, actor=actor, act="person added", subject=person.id, now=now, after=told)
    return person
