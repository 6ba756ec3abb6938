"""The tables of calendars: every version there was, and what its correction moved."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.deadlines.storage.tables import Row, instant


class CalendarVersionRow(Row, table=True):
    """One version of one calendar, whole; never changed and never deleted."""

    __tablename__ = "calendar_versions"
    calendar: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    # Given out under a lock, so that whoever has read up to one number has missed none before it.
    generation: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), unique=True)
    )
    # [date, name], earliest first.
    holidays: list[Any] = Field(sa_column=Column(JSONB, nullable=False))
    # [first day, last day, name], earliest first.
    school: list[Any] = Field(sa_column=Column(JSONB, nullable=False))
    known_from: date
    known_until: date
    announced_until: date
    # `seed`, `csv`, `icalendar`, or `scotland` where an area's follows a correction of Scotland's.
    source: str
    reason: str
    made_by: str
    made_at: datetime = instant()


class CorrectionRow(Row, table=True):
    """A version came into force: the open clocks of a calendar are moved on to it."""

    __tablename__ = "calendar_corrections"
    __table_args__ = (
        Index("ix_calendar_corrections_open", "id", postgresql_where=text("ended_at IS NULL")),
    )
    id: str = Field(primary_key=True)
    calendar: str = Field(index=True)
    version: int
    began_at: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)
    examined: int = 0
    moved: int = 0
    # The trace of the import.
    traceparent: str | None = None


class PartRow(Row, table=True):
    """Some of the cases of a correction, by their ids; whoever is free takes the next part."""

    __tablename__ = "calendar_correction_parts"
    __table_args__ = (
        Index(
            "ix_calendar_correction_parts_open",
            *("correction", "number"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )
    correction: str = Field(primary_key=True, foreign_key="calendar_corrections.id")
    number: int = Field(primary_key=True)
    # The last case that was looked at; a part that was interrupted goes on behind it.
    behind: str
    # The last case of the part; NULL where there is no end.
    until: str | None = None
    ended_at: datetime | None = instant(nullable=True)


class MoveRow(Row, table=True):
    """One open clock whose due date a correction changed: before and after."""

    __tablename__ = "calendar_moves"
    # No foreign key: it would be looked up for each of very many rows.
    correction: str = Field(primary_key=True)
    clock_id: str = Field(primary_key=True)
    reference: str
    area: str
    rule: str
    due_at_before: datetime | None = instant(nullable=True)
    due_at_after: datetime | None = instant(nullable=True)
    due_on_before: date | None = None
    due_on_after: date | None = None
