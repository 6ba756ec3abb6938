"""Appointments, from and to their rows."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.directory.domain.appointment import Appointment, Kind, Role
from services.directory.storage.tables import AppointmentRow


@dataclass(frozen=True, slots=True)
class Which:
    """The appointments meant: all that fit everything that is not None."""

    area: str | None = None
    role: Role | None = None
    person: str | None = None
    on: date | None = None


async def add_appointment(session: AsyncSession, appointment: Appointment) -> None:
    """Write a new appointment; the lock on its area's row is held."""
    session.add(_row(appointment))
    await session.flush()


async def save_end(session: AsyncSession, ended: Appointment) -> None:
    """Write the end of an appointment whose row is locked."""
    row = await session.get_one(AppointmentRow, ended.id)
    row.ends_on, row.version = ended.ends_on, ended.version
    await session.flush()


async def lock_appointment(session: AsyncSession, appointment_id: str) -> Appointment | None:
    """The appointment with its row locked, or None."""
    row = await session.get(AppointmentRow, appointment_id, with_for_update=True)
    return None if row is None else _appointment(row)


async def load_appointment(session: AsyncSession, appointment_id: str) -> Appointment | None:
    """The appointment of an id, or None."""
    row = await session.get(AppointmentRow, appointment_id)
    return None if row is None else _appointment(row)


async def load_appointments(
    session: AsyncSession, which: Which, after: str = "", limit: int | None = None
) -> list[Appointment]:
    """Appointments in the order in which they were made, from the one behind `after`."""
    statement = (
        _matching(which).where(col(AppointmentRow.id) > after).order_by(col(AppointmentRow.id))
    )
    return [_appointment(row) for row in await session.scalars(statement.limit(limit))]


async def appointments_between(session: AsyncSession, start: date, end: date) -> list[Appointment]:
    """Every appointment with a day in `[start, end)`."""
    statement = select(AppointmentRow).where(col(AppointmentRow.starts_on) < end, _lasts_to(start))
    return [_appointment(row) for row in await session.scalars(statement)]


def _matching(which: Which) -> Select[AppointmentRow]:
    statement = select(AppointmentRow)
    if which.area is not None:
        statement = statement.where(col(AppointmentRow.area) == which.area)
    if which.role is not None:
        statement = statement.where(col(AppointmentRow.role) == which.role.value)
    if which.person is not None:
        statement = statement.where(col(AppointmentRow.person) == which.person)
    if which.on is not None:
        statement = statement.where(col(AppointmentRow.starts_on) <= which.on, _lasts_to(which.on))
    return statement


def _lasts_to(day: date) -> ColumnElement[bool]:
    ends_on = col(AppointmentRow.ends_on)
    return or_(ends_on.is_(None), ends_on > day)


def _row(appointment: Appointment) -> AppointmentRow:
    return AppointmentRow(
        id=appointment.id,
        person=appointment.person,
        role=appointment.role.value,
        area=appointment.area,
        kind=appointment.kind.value,
        starts_on=appointment.starts_on,
        ends_on=appointment.ends_on,
        version=appointment.version,
    )


def _appointment(row: AppointmentRow) -> Appointment:
    return Appointment(
        id=row.id,
        person=row.person,
        role=Role(row.role),
        area=row.area,
        kind=Kind(row.kind),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        version=row.version,
    )
