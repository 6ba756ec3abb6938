"""What this service hears from the directory."""

from services.inspections.domain.link_inspector import Tenure
from services.inspections.use_cases.follow_appointment import follow_appointment
from shared.events.directory import AppointmentEnded, AppointmentMade
from shared.events.envelope import Headers
from shared.messaging.inbox import Consumer
from shared.transaction import Transaction

LINK_INSPECTOR = "link-inspector"


def subscribe(consumer: Consumer) -> None:
    """Register every subscriber of this service."""
    consumer.on(AppointmentMade)(on_appointment_made)
    consumer.on(AppointmentEnded)(on_appointment_ended)


async def on_appointment_made(tx: Transaction, event: AppointmentMade, headers: Headers) -> None:
    """Somebody was appointed; only link inspectors are followed here."""
    if event.role == LINK_INSPECTOR:
        await follow_appointment(tx, _tenure(event, headers))


async def on_appointment_ended(tx: Transaction, event: AppointmentEnded, headers: Headers) -> None:
    """An appointment was given an end."""
    if event.role == LINK_INSPECTOR:
        await follow_appointment(tx, _tenure(event, headers))


def _tenure(event: AppointmentMade | AppointmentEnded, headers: Headers) -> Tenure:
    return Tenure(
        appointment=event.appointment,
        person=event.person,
        area=event.area,
        cover=event.kind == "cover",
        starts_on=event.starts_on,
        ends_on=event.ends_on,
        version=headers.sequence,
    )
