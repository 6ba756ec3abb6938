"""Appointments of an area, a person, a role or a day, one page after the other."""

from services.directory.domain.appointment import Appointment
from services.directory.storage.appointments import Which, load_appointments
from shared.transaction import Transaction


async def list_appointments(
    tx: Transaction, which: Which, after: str, limit: int
) -> list[Appointment]:
    """Appointments in the order in which they were made, from the one behind `after`."""
    return await load_appointments(tx.session, which, after, limit)
