"""The tables of acts: what people did to clocks, and what every recomputation changed."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.deadlines.storage.tables import Row, instant


class ActRow(Row, table=True):
    """An extension, a pause, a resumption, or the withdrawal of one; never changed or deleted."""

    __tablename__ = "acts"
    id: str = Field(primary_key=True)
    case_id: str = Field(foreign_key="cases.id", index=True)
    # The clock it was done to; it holds for every wording of the obligation.
    clock_id: str
    obligation: str
    # `extended`, `paused`, `resumed`, `withdrawn`.
    what: str
    amount: int | None = None
    starts: date | None = None
    ends: date | None = None
    # The act that is resumed or withdrawn.
    about: str | None = None
    reason: str
    agreed_by: str | None = None
    recorded_at: datetime = instant()
    recorded_by: str


class RegimeRow(Row, table=True):
    """An emergency regime; what it once was is in the audit trail."""

    __tablename__ = "regimes"
    id: str = Field(primary_key=True)
    number: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), unique=True)
    )
    name: str
    # Empty means all.
    kinds: list[str] = Field(sa_column=Column(JSONB, nullable=False))
    areas: list[str] = Field(sa_column=Column(JSONB, nullable=False))
    starts: date
    ends: date | None = None
    # Obligation to units of the rule's own kind.
    amounts: dict[str, int] = Field(sa_column=Column(JSONB, nullable=False))
    reason: str
    agreed_by: str
    declared_at: datetime = instant()
    declared_by: str
    withdrawn_at: datetime | None = instant(nullable=True)
    # Its entity tag, and the sequence of its events.
    version: int


class ReachRow(Row, table=True):
    """A regime was declared or changed, and not all cases that it concerns have heard of it yet."""

    __tablename__ = "regime_reaches"
    __table_args__ = (
        Index("ix_regime_reaches_open", "id", postgresql_where=text("ended_at IS NULL")),
    )
    id: str = Field(primary_key=True)
    regime: str = Field(foreign_key="regimes.id", index=True)
    # As `ClockRecomputed.because`.
    because: str
    began_at: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)
    # When the last batch was taken; what is owed then is owed case by case.
    all_taken_at: datetime | None = instant(nullable=True)
    # The last case that was derived anew; whoever goes on begins behind it.
    behind: str
    clocks: int = 0
    # The trace of the act.
    traceparent: str | None = None


class TurnRow(Row, table=True):
    """One clock before and after one act or correction: the history that people are shown."""

    __tablename__ = "turns"
    __table_args__ = (Index("ix_turns_clock_id", "clock_id", "number"),)
    number: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True)
    )
    clock_id: str
    case_id: str = Field(foreign_key="cases.id")
    at: datetime = instant()
    # As `ClockRecomputed.because`.
    because: str
    act: str | None = None
    due_at_before: datetime | None = instant(nullable=True)
    due_at_after: datetime | None = instant(nullable=True)
    due_on_before: date | None = None
    due_on_after: date | None = None
    state_before: str
    state_after: str
    # What changed beside it: a field, and its value before and after.
    facts: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
