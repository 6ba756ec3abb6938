"""One appointment with the version that a change must name."""

from services.directory.domain.appointment import Appointment
from services.directory.storage.appointments import load_appointment
from shared.errors import NotFound
from shared.transaction import Transaction


async def show_appointment(tx: Transaction, appointment_id: str) -> Appointment:
    """The appointment, or `NotFound`."""
    appointment = await load_appointment(tx.session, appointment_id)
    if appointment is None:
        raise NotFound("There is no such appointment.")
    return appointment
