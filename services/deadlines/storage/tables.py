"""The tables of deadlines; rows never leave this folder."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.plumbing import Plumbing


class Row(SQLModel, registry=registry()):
    """Every row of this service, on metadata of its own."""

    __tablename__: ClassVar[str]  # pyright: ignore[reportIncompatibleVariableOverride]


def instant(*, nullable: bool = False, primary_key: bool = False) -> Any:
    """A column with an instant in UTC."""
    return Field(
        default=None if nullable else ...,
        sa_type=DateTime(timezone=True),
        nullable=nullable,
        primary_key=primary_key,
    )


class CaseRow(Row, table=True):
    """One notification. Its row is locked by whoever tells something about its clocks."""

    __tablename__ = "cases"
    __table_args__ = (
        # The sweeper reads only this: its cost follows what is due, not what is open.
        Index(
            "ix_cases_next_act_at",
            "next_act_at",
            postgresql_where=text("next_act_at IS NOT NULL"),
        ),
        Index("ix_cases_received", "received_at", postgresql_include=["area"]),
        Index("ix_cases_stuck", "stuck_since", postgresql_where=text("stuck_since IS NOT NULL")),
    )
    # The notification's id: the key of intake's events and of ours.
    id: str = Field(primary_key=True)
    reference: str = Field(unique=True)
    kind: str
    area: str = Field(index=True)
    # Pinned when the case began; later rule sets do not touch it.
    rule_set: str
    facts: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    # The number of the last event that was published about this case.
    sequence: int = Field(sa_type=BigInteger)
    begun_at: datetime = instant()
    traceparent: str | None = None
    # Rule to [calendar, version]: by which version each rule counts.
    calendars: dict[str, list[str]] = Field(
        sa_column=Column(JSONB, nullable=False, server_default=text("'{}'"))
    )
    # When the notification was received, which is also in its facts: silence is measured by it.
    received_at: datetime | None = instant(nullable=True)
    # The next instant at which time alone changes a clock; NULL when nothing is waited for.
    next_act_at: datetime | None = instant(nullable=True)
    # Since when the sweeper has failed to act on it, and the type of the last error.
    stuck_since: datetime | None = instant(nullable=True)
    stuck_why: str | None = None


# Of five million clocks few run: what is asked of those is asked of an index of its own.
RUNNING = "state IN ('not_started', 'open', 'due_soon', 'overdue', 'paused')"


ENDED = "state IN ('met', 'met_late', 'cancelled') AND due_at IS NOT NULL"


class ClockRow(Row, table=True):
    """One rule applied to one case, as last told; what it says today is derived anew."""

    __tablename__ = "clocks"
    __table_args__ = (
        # A corrected calendar asks for the clocks that run, in the order of their cases.
        Index("ix_clocks_running", "case_id", postgresql_where=text(RUNNING)),
        # Lists of what is due, in their order: what else is asked is found in the index as well,
        # so that only the rows of the page are read.
        Index(
            "ix_clocks_running_due",
            *("due_at", "number", "area", "kind", "governing"),
            postgresql_where=text(RUNNING),
        ),
        Index(
            "ix_clocks_running_area_due",
            *("area", "due_at", "number", "kind"),
            postgresql_where=text(RUNNING),
        ),
        Index(
            "ix_clocks_ended_due",
            *("state", "due_at", "number", "area", "kind", "governing"),
            postgresql_where=text(ENDED),
        ),
        Index("ix_clocks_area_number", "area", "number"),
        # Statistics read this and no row.
        Index(
            "ix_clocks_timeliness",
            "due_on",
            postgresql_include=["area", "kind", "outcome", "state", "due_at"],
            postgresql_where=text("governing AND due_on IS NOT NULL"),
        ),
    )
    # Made of the case and the rule: the same clock is never recorded twice.
    id: str = Field(primary_key=True)
    # The order of lists: cases as they came, and within one the order of the rule set.
    number: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), unique=True)
    )
    case_id: str = Field(foreign_key="cases.id", index=True)
    rule: str
    state: str
    warn_at: datetime | None = instant(nullable=True)
    due_at: datetime | None = instant(nullable=True)
    due_on: date | None = None
    # Of its case and its rule, and never changed: lists and statistics read this table alone.
    area: str
    kind: str
    obligation: str
    governing: bool
    # When it was met, and how that is judged; NULL while it is not, or where no number is set.
    completed_at: datetime | None = instant(nullable=True)
    outcome: str | None = None
    # Whether an emergency regime holds at its due instant: a breach is then discussed, not missed.
    discuss: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    # Of what is told only once, what was told: `started`, `due-soon`, `overdue`.
    told: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))


PLUMBING = Plumbing(Row.metadata)
