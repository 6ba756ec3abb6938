"""The tables of intake; what is personal in them is encrypted, and rows never leave this folder."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, DateTime, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.plumbing import Plumbing


class Row(SQLModel, registry=registry()):
    """Every row of this service, on metadata of its own."""

    __tablename__: ClassVar[str]  # pyright: ignore[reportIncompatibleVariableOverride]


def _instant(*, nullable: bool = False) -> Any:
    return Field(sa_column=Column(DateTime(timezone=True), nullable=nullable))


class NotificationRow(Row, table=True):
    """An accepted notification. Its row is locked while something happens to the case."""

    __tablename__ = "notifications"
    __table_args__ = (
        Index("ix_notifications_received", "received_at", "id"),
        Index("ix_notifications_area_received", "area", "received_at", "id"),
    )
    id: str = Field(primary_key=True)
    reference: str = Field(unique=True)
    kind: str
    area: str
    status: str
    occurred_at: datetime = _instant()
    aware_at: datetime = _instant()
    received_at: datetime = _instant()
    # Grows with every event of the case; the sequence of its events on the bus.
    version: int
    # Who sent it: a person's subject at the issuer, or `partner:` and the partner's id.
    sent_by: str
    partner: str | None = None
    # The record's own key, wrapped; setting it to null erases `personal` and what hangs on it.
    record_key: bytes | None
    personal: bytes


class SubmissionRow(Row, table=True):
    """A report, a review or an addendum as it was handed in."""

    __tablename__ = "submissions"
    id: str = Field(primary_key=True)
    notification_id: str = Field(foreign_key="notifications.id", index=True)
    stage: str
    submitted_at: datetime = _instant()
    submitted_by: str
    addendum_to: str | None = Field(default=None, foreign_key="submissions.id")
    # Why it came late, encrypted with the case's key.
    late_reason: bytes | None = None


class AttachmentRow(Row, table=True):
    """A file of a submission; the bytes are in object storage under `id`."""

    __tablename__ = "attachments"
    id: str = Field(primary_key=True)
    submission_id: str = Field(foreign_key="submissions.id", index=True)
    # Its place among the files that came with it.
    position: int
    # What the sender called it, encrypted: file names hold people's names.
    name: bytes
    content_type: str
    size: int
    sha256: str


class DecisionRow(Row, table=True):
    """A decision whether a learning review is undertaken."""

    __tablename__ = "decisions"
    id: str = Field(primary_key=True)
    notification_id: str = Field(foreign_key="notifications.id", index=True)
    decision: str
    decided_at: datetime = _instant()
    recorded_at: datetime = _instant()
    recorded_by: str


class CaseActRow(Row, table=True):
    """A correction, ratification, withdrawal, closing or reopening; added and never changed."""

    __tablename__ = "case_acts"
    id: str = Field(primary_key=True)
    notification_id: str = Field(foreign_key="notifications.id", index=True)
    # `corrected`, `ratified`, `withdrawn`, `closed` or `reopened`.
    what: str
    # Of a correction: which date, and what it said before and says after.
    field: str | None = None
    before: datetime | None = _instant(nullable=True)
    after: datetime | None = _instant(nullable=True)
    decision: str | None = Field(default=None, foreign_key="decisions.id")
    submission: str | None = Field(default=None, foreign_key="submissions.id")
    # Why, encrypted: people write names where they should not.
    reason: bytes | None = None
    recorded_at: datetime = _instant()
    recorded_by: str


class ReviewRow(Row, table=True):
    """What an inspector found on reading a submission; the feedback is encrypted."""

    __tablename__ = "reviews"
    id: str = Field(primary_key=True)
    submission_id: str = Field(foreign_key="submissions.id", index=True)
    outcome: str
    feedback: bytes
    reviewed_at: datetime = _instant()
    reviewed_by: str


class DraftRow(Row, table=True):
    """An unfinished notification, seen by whoever began it; wholly encrypted."""

    __tablename__ = "drafts"
    id: str = Field(primary_key=True)
    owner: str = Field(index=True)
    body: bytes
    version: int
    saved_at: datetime = _instant()


class PartnerMessageRow(Row, table=True):
    """A partner's message and the answer it got, so that a repeat gets the same one."""

    __tablename__ = "partner_messages"
    partner: str = Field(primary_key=True)
    message_id: str = Field(primary_key=True)
    digest: bytes
    outcome: str
    receipt: bytes
    # The original bytes of what was refused, encrypted; an accepted one is in its notification.
    record: bytes | None = None
    received_at: datetime = _instant()


class HappeningRow(Row, table=True):
    """One line of a case's timeline, whichever service it came from."""

    __tablename__ = "happenings"
    __table_args__ = (Index("ix_happenings_in_order", "notification_id", "at", "position"),)
    position: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True))
    notification_id: str = Field(foreign_key="notifications.id")
    at: datetime = _instant()
    service: str
    what: str
    text: str
    facts: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    trace_id: str | None = None


PLUMBING = Plumbing(Row.metadata)
