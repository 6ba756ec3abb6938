"""One person with everything they were ever appointed to."""

from services.directory.domain.appointment import Appointment
from services.directory.domain.person import Person
from services.directory.storage.appointments import Which, load_appointments
from services.directory.storage.people import load_person
from shared.confidential.fields import FieldCipher
from shared.errors import NotFound
from shared.transaction import Transaction


async def show_person(
    tx: Transaction, cipher: FieldCipher, person_id: str
) -> tuple[Person, list[Appointment]]:
    """The person and their appointments, or `NotFound`."""
    person = await load_person(tx.session, cipher, person_id)
    if person is None:
        raise NotFound("There is no such person.")
    return person, await load_appointments(tx.session, Which(person=person_id))
