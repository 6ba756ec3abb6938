"""What directory says has happened to an appointment (key: the appointment's id)."""

from datetime import date
from typing import ClassVar

from shared.events.envelope import Event


class AppointmentMade(Event, frozen=True, kw_only=True):
    """A person holds a role for an area from `starts_on` up to, not including, `ends_on`.

    `kind` is `substantive`, or `cover` for absence, which wins over it on the days of both.
    """

    TYPE: ClassVar[str] = "scot.scrutiny.appointment.made.v1"
    appointment: str
    person: str
    role: str
    area: str
    starts_on: date
    ends_on: date | None = None
    kind: str = "substantive"


class AppointmentEnded(Event, frozen=True, kw_only=True):
    """An appointment was given an end; the days before it stay answerable."""

    TYPE: ClassVar[str] = "scot.scrutiny.appointment.ended.v1"
    appointment: str
    person: str
    role: str
    area: str
    ends_on: date
    starts_on: date | None = None
    kind: str = "substantive"
