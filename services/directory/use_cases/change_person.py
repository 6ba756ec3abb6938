"""Correct how somebody is known: name, mailbox, specialism, account."""

from collections.abc import Callable
from datetime import datetime

from services.directory.domain.person import KnownAs, Person, correct
from services.directory.storage.people import lock_person, save_person
from shared.audit import record
from shared.confidential.fields import FieldCipher
from shared.errors import NotFound
from shared.transaction import Transaction


async def change_person(
    tx: Transaction,
    cipher: FieldCipher,
    person_id: str,
    *,
    known_as: KnownAs,
    permit: Callable[[Person], None],
    actor: str,
    now: datetime,
) -> Person:
    """The person as they are now known; `permit` raises when the caller meant another version."""
    before = await lock_person(tx.session, cipher, person_id)
    if before is None:
        raise NotFound("There is no such person.")
    permit(before)
    after = correct(before, known_as)
    await save_person(tx.session, cipher, after)
    await record(
        tx,
        actor=actor,
        act="person changed",
        subject=person_id,
        now=now,
        before={"signs_in_as": before.signs_in_as},
        after={"signs_in_as": after.signs_in_as},
    )
    return after
