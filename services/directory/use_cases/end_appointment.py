"""Give an appointment an end; the days before it stay answerable."""

from collections.abc import Callable
from datetime import date, datetime

from services.directory.domain.appointment import Appointment, end
from services.directory.storage.appointments import lock_appointment, save_end
from shared.audit import record
from shared.errors import NotFound
from shared.events.directory import AppointmentEnded
from shared.telemetry import AREA, REFERENCE, annotate
from shared.transaction import Transaction


async def end_appointment(
    tx: Transaction,
    appointment_id: str,
    ends_on: date,
    *,
    permit: Callable[[Appointment], None],
    actor: str,
    now: datetime,
) -> Appointment:
    """The ended appointment; `permit` raises when the caller may not, or meant another version."""
    before = await lock_appointment(tx.session, appointment_id)
    if before is None:
        raise NotFound("There is no such appointment.")
    permit(before)
    annotate(**{AREA: before.area, REFERENCE: before.id})
    ended = end(before, ends_on)
    await save_end(tx.session, ended)
    await tx.publish(_event(ended, ends_on), subject=ended.id, key=ended.id, sequence=ended.version)
    await record(
        tx,
        actor=actor,
        act="appointment ended",
        subject=ended.id,
        now=now,
        before={"ends_on": before.ends_on and before.ends_on.isoformat()},
        after={"ends_on": ends_on.isoformat()},
    )
    return ended


def _event(ended: Appointment, ends_on: date) -> AppointmentEnded:
    return AppointmentEnded(
        appointment=ended.id,
        person=ended.person,
        role=ended.role.value,
        area=ended.area,
        kind=ended.kind.value,
        starts_on=ended.starts_on,
        ends_on=ends_on,
    )
