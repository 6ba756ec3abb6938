"""Appoint a person to a role for an area, for certain days."""

from datetime import datetime

from uuid_utils import uuid7

from services.directory.domain.appointment import Appointment, Wanted, appoint
from services.directory.storage.appointments import Which, add_appointment, load_appointments
from services.directory.storage.areas import lock_area
from services.directory.storage.people import knows_person
from shared.audit import record
from shared.events.directory import AppointmentMade
from shared.telemetry import AREA, REFERENCE, annotate
from shared.transaction import Transaction


async def make_appointment(
    tx: Transaction, wanted: Wanted, *, actor: str, now: datetime
) -> Appointment:
    """The appointment that was made; two at once for one area are decided one after the other."""
    area = await lock_area(tx.session, wanted.area)
    known = await knows_person(tx.session, wanted.person)
    in_area = await load_appointments(tx.session, Which(area=wanted.area))
    standing = [each for each in in_area if each.role == wanted.role]
    made = appoint(str(uuid7()), wanted, person_known=known, area=area, standing=standing)
    annotate(**{AREA: made.area, REFERENCE: made.id})
    await add_appointment(tx.session, made)
    await tx.publish(_event(made), subject=made.id, key=made.id, sequence=made.version)
    await record(
        tx, actor=actor, act="appointment made", subject=made.id, now=now, after=_facts(made)
    )
    return made


def _event(made: Appointment) -> AppointmentMade:
    return AppointmentMade(
        appointment=made.id,
        person=made.person,
        role=made.role.value,
        area=made.area,
        kind=made.kind.value,
        starts_on=made.starts_on,
        ends_on=made.ends_on,
    )


def _facts(made: Appointment) -> dict[str, str | None]:
    return {
        "person": made.person,
        "role": made.role.value,
        "area": made.area,
        "kind": made.kind.value,
        "starts_on": made.starts_on.isoformat(),
        "ends_on": None if made.ends_on is None else made.ends_on.isoformat(),
    }
