"""Enter somebody who can be appointed."""

from datetime import datetime

from uuid_utils import uuid7

from services.directory.domain.person import Person, enrol
from services.directory.storage.people import add_person as add_row
from shared.audit import record
from shared.confidential.fields import FieldCipher
from shared.transaction import Transaction


async def add_person(
    tx: Transaction,
    cipher: FieldCipher,
    *,
    name: str,
    mailbox: str,
    specialism: str | None,
    actor: str,
    now: datetime,
) -> Person:
    """The person under a new id; name and mailbox stay out of the audit trail."""
    person = enrol(str(uuid7()), name, mailbox, specialism)
    await add_row(tx.session, cipher, person)
    await record(tx, actor=actor, act="person added", subject=person.id, now=now)
    return person
