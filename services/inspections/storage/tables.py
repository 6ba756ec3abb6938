"""The tables of inspections; rows never leave this folder."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Column, DateTime, Index, String
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.plumbing import Plumbing


class Row(SQLModel, registry=registry()):
    """Every row of this service, on metadata of its own."""

    __tablename__: ClassVar[str]  # pyright: ignore[reportIncompatibleVariableOverride]


class InspectionRow(Row, table=True):
    """A joint inspection as it is now; a national one has no areas."""

    __tablename__ = "inspections"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="inspections_run_forward"),
        CheckConstraint("(scope = 'national') = (areas = '{}')", name="inspections_scope_areas"),
        Index("ix_inspections_areas", "areas", postgresql_using="gin"),
        Index("ix_inspections_starts_on", "starts_on"),
    )
    id: str = Field(primary_key=True)
    reference: str = Field(unique=True)
    theme: str
    scope: str
    areas: list[str] = Field(sa_column=Column(ARRAY(String), nullable=False))
    starts_on: date
    ends_on: date
    # [{"name": ..., "bodies": [...]}], in the order in which the planner named them.
    elements: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    title: str | None = None
    footprint: str | None = None
    status: str
    # Stays here: no event, log or mail carries it.
    cancelled_reason: str | None = None
    planned_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    # Grows by one with every change; it is the sequence of the inspection's events.
    version: int


class ReferenceCounterRow(Row, table=True):
    """The last number given out in a year; locked until the inspection of that number is kept."""

    __tablename__ = "reference_counters"
    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    last: int


class LinkInspectorRow(Row, table=True):
    """One appointment as link inspector, as the directory's events have told it."""

    __tablename__ = "link_inspectors"
    appointment: str = Field(primary_key=True)
    person: str
    area: str = Field(index=True)
    cover: bool
    # Null while only the appointment's end has been heard of.
    starts_on: date | None = None
    ends_on: date | None = None
    # The sequence of the latest event that took effect: an older one changes nothing.
    version: int


PLUMBING = Plumbing(Row.metadata)
