"""Dated appointments: who is to hold a role for an area, on the days `[starts_on, ends_on)`."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from services.directory.domain.area import Area
from shared.errors import Conflict, FieldError, Invalid


class Role(StrEnum):
    """The three roles that every council area has."""

    LINK_INSPECTOR = "link-inspector"
    MANAGER_ADULT_SERVICES = "relationship-manager-adult-services"
    MANAGER_ELC = "relationship-manager-elc"


class Kind(StrEnum):
    """A substantive appointment holds the role; cover for absence stands in front of it."""

    SUBSTANTIVE = "substantive"
    COVER = "cover"


@dataclass(frozen=True, slots=True)
class Appointment:
    """One person's days in one role for one area; `ends_on` is the first day it no longer holds."""

    id: str
    person: str
    role: Role
    area: str
    kind: Kind
    starts_on: date
    ends_on: date | None
    version: int = 1

    def holds_on(self, day: date) -> bool:
        """Whether the day is one of its days."""
        return self.starts_on <= day and (self.ends_on is None or day < self.ends_on)

    def shares_days_with(self, starts_on: date, ends_on: date | None) -> bool:
        """Whether any of its days lies in `[starts_on, ends_on)`; an empty one has no days."""
        if self.ends_on == self.starts_on:
            return False
        begins_before = ends_on is None or self.starts_on < ends_on
        return begins_before and (self.ends_on is None or starts_on < self.ends_on)


@dataclass(frozen=True, slots=True)
class Wanted:
    """An appointment as asked for, before anything about it has been checked."""

    person: str
    role: str
    area: str
    starts_on: date
    ends_on: date | None = None
    kind: str = Kind.SUBSTANTIVE


def appoint(
    new_id: str,
    wanted: Wanted,
    *,
    person_known: bool,
    area: Area | None,
    standing: Iterable[Appointment],
) -> Appointment:
    """The appointment, or every reason why it cannot be made.

    `standing` holds all appointments to the same role for the same area.
    """
    errors = _field_errors(wanted, person_known=person_known, area=area)
    if errors:
        raise Invalid(*errors)
    role, kind = Role(wanted.role), Kind(wanted.kind)
    _refuse_overlap(wanted, kind, standing)
    return Appointment(
        new_id, wanted.person, role, wanted.area, kind, wanted.starts_on, wanted.ends_on
    )


def end(appointment: Appointment, ends_on: date) -> Appointment:
    """The appointment with an earlier end; ended on its first day, it never took effect."""
    if ends_on < appointment.starts_on:
        raise Invalid(FieldError("ends_on", f"must not be before {appointment.starts_on}"))
    if appointment.ends_on is not None and ends_on >= appointment.ends_on:
        raise Conflict(
            f"The appointment already ends on {appointment.ends_on}; an end can only be brought "
            "forward. Make a new appointment for the days after it.",
            (FieldError("ends_on", f"must be before {appointment.ends_on}"),),
        )
    return replace(appointment, ends_on=ends_on, version=appointment.version + 1)


def _field_errors(wanted: Wanted, *, person_known: bool, area: Area | None) -> list[FieldError]:
    backwards = wanted.ends_on is not None and wanted.ends_on <= wanted.starts_on
    checks = (
        ("person", person_known, "there is no such person in the directory"),
        ("role", wanted.role in set(Role), f"must be one of {', '.join(Role)}"),
        ("kind", wanted.kind in set(Kind), f"must be one of {', '.join(Kind)}"),
        ("area", area is not None, "is not a council area we know"),
        ("area", _in_use(area, wanted), "the area's code is not in use on all of these days"),
        ("ends_on", not backwards, "must be after starts_on: it is the first day without the role"),
    )
    return [FieldError(field, rule) for field, passes, rule in checks if not passes]


def _in_use(area: Area | None, wanted: Wanted) -> bool:
    return area is None or area.valid_throughout(wanted.starts_on, wanted.ends_on)


def _refuse_overlap(wanted: Wanted, kind: Kind, standing: Iterable[Appointment]) -> None:
    for other in standing:
        if not other.shares_days_with(wanted.starts_on, wanted.ends_on):
            continue
        if other.kind is Kind.SUBSTANTIVE and kind is Kind.SUBSTANTIVE:
            raise _overlapping(other)
        if other.person == wanted.person:
            raise _already_held(other)


def _overlapping(other: Appointment) -> Conflict:
    days = f"from {other.starts_on} " + (f"until {other.ends_on}" if other.ends_on else "onwards")
    return Conflict(
        f"Appointment {other.id} holds this role for this area {days}. End it first, or make this "
        "one cover for absence.",
        (FieldError("starts_on", f"overlaps appointment {other.id}, which holds the role {days}"),),
    )


def _already_held(other: Appointment) -> Conflict:
    return Conflict(
        f"This person is already appointed to this role for this area by appointment {other.id}.",
        (FieldError("person", f"already has some of these days by appointment {other.id}"),),
    )
