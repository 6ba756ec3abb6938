"""Calendars in the database, which begins with the checked-in ones."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from services.deadlines.storage.calendar_files import load_calendars

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables and write the first version of each calendar."""
    versions = _versions()
    _corrections()
    _moves()
    for calendar in load_calendars().by_id.values():
        holidays = [[day.isoformat(), name] for day, name in calendar.holidays.items()]
        op.execute(
            versions.insert().values(
                calendar=calendar.id,
                version=int(calendar.version),
                holidays=holidays,
                school=[],
                known_from=calendar.known_from,
                known_until=calendar.known_until,
                announced_until=calendar.announced_until,
                source="seed",
                reason="The calendar this system begins with.",
                made_by="seed",
                made_at=datetime(2026, 1, 1, tzinfo=UTC),
            )
        )


def _versions() -> sa.Table:
    return op.create_table(
        "calendar_versions",
        sa.Column("calendar", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column(
            "generation", sa.BigInteger, sa.Identity(always=True), nullable=False, unique=True
        ),
        sa.Column("holidays", JSONB, nullable=False),
        sa.Column("school", JSONB, nullable=False),
        sa.Column("known_from", sa.Date, nullable=False),
        sa.Column("known_until", sa.Date, nullable=False),
        sa.Column("announced_until", sa.Date, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("made_by", sa.String, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    )


def _corrections() -> None:
    op.create_table(
        "calendar_corrections",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("calendar", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("behind", sa.String, nullable=False),
        sa.Column("examined", sa.Integer, nullable=False),
        sa.Column("moved", sa.Integer, nullable=False),
        sa.Column("traceparent", sa.String),
    )
    op.create_index("ix_calendar_corrections_calendar", "calendar_corrections", ["calendar"])
    running = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_calendar_corrections_open", "calendar_corrections", ["id"], postgresql_where=running
    )


def _moves() -> None:
    op.create_table(
        "calendar_moves",
        sa.Column(
            "correction", sa.String, sa.ForeignKey("calendar_corrections.id"), primary_key=True
        ),
        sa.Column("clock_id", sa.String, primary_key=True),
        sa.Column("reference", sa.String, nullable=False),
        sa.Column("area", sa.String, nullable=False),
        sa.Column("rule", sa.String, nullable=False),
        sa.Column("due_at_before", sa.DateTime(timezone=True)),
        sa.Column("due_at_after", sa.DateTime(timezone=True)),
        sa.Column("due_on_before", sa.Date),
        sa.Column("due_on_after", sa.Date),
    )
