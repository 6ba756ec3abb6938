"""The console's tables: sessions, and the spans of the last days; rows never leave this folder."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Identity, Index, LargeBinary, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel


class Row(SQLModel, registry=registry()):
    """Every row of the console, on metadata of its own."""

    __tablename__: ClassVar[str]  # pyright: ignore[reportIncompatibleVariableOverride]


class SessionRow(Row, table=True):
    """Somebody signed in; the cookie's value is known to their browser only, we keep its hash."""

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_expires_at", "expires_at"),)

    id_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    subject: str = Field(sa_column=Column(Text, nullable=False))
    # Encrypted for this very row.
    access_token: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class SpanRow(Row, table=True):
    """One span; what it says is cut to a size before it comes here, so rows bound the bytes."""

    __tablename__ = "spans"
    __table_args__ = (
        Index("ix_spans_position", "position"),
        Index("ix_spans_received_at", "received_at", postgresql_using="brin"),
    )

    trace_id: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    span_id: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    # Order of arrival: the oldest leave first when there are too many.
    position: int = Field(sa_column=Column(BigInteger, Identity(always=True), nullable=False))
    parent_id: bytes | None = Field(sa_column=Column(LargeBinary))
    name: str = Field(sa_column=Column(Text, nullable=False))
    kind: str = Field(sa_column=Column(Text, nullable=False))
    service: str = Field(sa_column=Column(Text, nullable=False))
    # Nanoseconds, as they came: a timestamp would keep microseconds only.
    start_ns: int = Field(sa_column=Column(BigInteger, nullable=False))
    duration_ns: int = Field(sa_column=Column(BigInteger, nullable=False))
    failed: bool = False
    said: str = Field(sa_column=Column(Text, nullable=False))
    attributes: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    happenings: list[Any] = Field(sa_column=Column(JSONB, nullable=False))
    links: list[Any] = Field(sa_column=Column(JSONB, nullable=False))
    received_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class TraceRow(Row, table=True):
    """What is searched: one row a trace, kept up to date as its spans arrive."""

    __tablename__ = "traces"
    __table_args__ = (
        Index("ix_traces_started_ns", "started_ns"),
        Index("ix_traces_seen_at", "seen_at"),
        Index("ix_traces_references", "references", postgresql_using="gin"),
        Index("ix_traces_linked", "linked", postgresql_using="gin"),
    )

    trace_id: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    started_ns: int = Field(sa_column=Column(BigInteger, nullable=False))
    ended_ns: int = Field(sa_column=Column(BigInteger, nullable=False))
    spans: int
    failures: int
    # Of its earliest span: where it came in.
    entry_name: str = Field(sa_column=Column(Text, nullable=False))
    entry_service: str = Field(sa_column=Column(Text, nullable=False))
    services: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    references: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    # Other traces that spans of this one are linked to.
    linked: list[bytes] = Field(sa_column=Column(ARRAY(LargeBinary), nullable=False))
    seen_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
