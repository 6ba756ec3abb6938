"""The tables of the directory; rows never leave this folder."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, Column, DateTime, Index, UniqueConstraint
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.plumbing import Plumbing


class Row(SQLModel, registry=registry()):
    """Every row of this service, on metadata of its own."""

    __tablename__: ClassVar[str]  # pyright: ignore[reportIncompatibleVariableOverride]


class AreaRow(Row, table=True):
    """A council area. Its row is locked while somebody is appointed for it."""

    __tablename__ = "areas"
    gss_code: str = Field(primary_key=True)
    name: str
    # None where no first day is known: the code then counts as always in use until `valid_to`.
    valid_from: date | None = None
    valid_to: date | None = None


class OrganisationRow(Row, table=True):
    """An organisation under its public code."""

    __tablename__ = "organisations"
    code: str = Field(primary_key=True)
    name: str
    kind: str


class OrganisationCoverRow(Row, table=True):
    """An area an organisation answers for on `[starts_on, ends_on)`; NULL is unbounded."""

    __tablename__ = "organisation_covers"
    __table_args__ = (
        CheckConstraint("ends_on > starts_on", name="organisation_covers_run_forward"),
    )
    id: int | None = Field(default=None, primary_key=True)
    organisation: str = Field(foreign_key="organisations.code", index=True)
    area: str = Field(foreign_key="areas.gss_code", index=True)
    starts_on: date | None = None
    ends_on: date | None = None


class PersonRow(Row, table=True):
    """Somebody who can be appointed. Name and mailbox are encrypted."""

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("signs_in_as", name="people_one_for_each_account"),)
    id: str = Field(primary_key=True)
    name: bytes
    mailbox: bytes
    specialism: str | None = None
    # The issuer's subject of their account, as whoever did something is recorded everywhere.
    signs_in_as: str | None = None
    # Grows by one with every change.
    version: int


class AppointmentRow(Row, table=True):
    """A person's days in a role for an area, `[starts_on, ends_on)`; never deleted."""

    __tablename__ = "appointments"
    __table_args__ = (
        # Equal when it was ended on its first day and so never took effect.
        CheckConstraint("ends_on >= starts_on", name="appointments_run_forward"),
        Index("ix_appointments_area_role", "area", "role"),
    )
    id: str = Field(primary_key=True)
    person: str = Field(foreign_key="people.id", index=True)
    role: str
    area: str = Field(foreign_key="areas.gss_code")
    kind: str
    starts_on: date
    ends_on: date | None = None
    # Grows by one with every change; it is the sequence of the appointment's events.
    version: int


class LinkActivityRow(Row, table=True):
    """One entry about an area under a key area of link activity; only ever added to."""

    __tablename__ = "link_activities"
    __table_args__ = (Index("ix_link_activities_area_id", "area", "id"),)
    id: str = Field(primary_key=True)
    area: str = Field(foreign_key="areas.gss_code")
    key_area: str
    happened_on: date
    # Encrypted: an inspector's own words may say more than they should.
    text: bytes
    recorded_by: str
    recorded_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


PLUMBING = Plumbing(Row.metadata)
