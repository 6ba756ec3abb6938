"""The tables of reminders and mails: the ledger of rungs, and what is owed to whom."""

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlmodel import Field

from services.deadlines.storage.tables import Row, instant


class ReminderRow(Row, table=True):
    """The ledger: one rung of one clock for one due date, decided once and for all."""

    __tablename__ = "reminders"
    clock_id: str = Field(primary_key=True, foreign_key="clocks.id")
    due_at: datetime = instant(primary_key=True)
    rung: str = Field(primary_key=True)
    # `told`, or `passed-over` for a later rung that says the same to the same people.
    verdict: str
    # When the rung was reached, and when that was acted on.
    reached_at: datetime = instant()
    decided_at: datetime = instant()


class MailRow(Row, table=True):
    """One thing to tell somebody; the id makes it one mail however often it is tried."""

    __tablename__ = "mails"
    __table_args__ = (
        Index("ix_mails_owed", "next_try_at", postgresql_where=text("state = 'owed'")),
        Index("ix_mails_digest", "digest", postgresql_where=text("state = 'collected'")),
    )
    message_id: str = Field(primary_key=True)
    case_id: str = Field(foreign_key="cases.id", index=True)
    # `notification`, `due-soon` or `overdue`.
    about: str
    # `link-inspector`, `support-team` or `chief-inspector`.
    audience: str
    # Which reminder of which clock, for which due date; NULL for a notification.
    rule: str | None = None
    clock_id: str | None = None
    rung: str | None = None
    due_at: datetime | None = instant(nullable=True)
    created_at: datetime = instant()
    # The trace of what made the mail necessary.
    traceparent: str | None = None
    # `owed`, `sent`, `collected` for a digest, or `dropped` since it was no longer true.
    state: str
    attempts: int = 0
    # By the database's clock, which all mailers share; also the end of the claim of whoever is
    # sending it now.
    next_try_at: datetime = instant()
    sent_at: datetime | None = instant(nullable=True)
    # The directory's id of whoever it was sent to; NULL for a mailbox of the office.
    person: str | None = None
    # The digest it goes out in.
    digest: str | None = None
    # The type of the last failure; never its text, which might repeat an address.
    last_failure: str | None = None


class DigestRow(Row, table=True):
    """What one person is told on one local day, in one mail."""

    __tablename__ = "digests"
    __table_args__ = (
        Index("ix_digests_owed", "send_at", postgresql_where=text("sent_at IS NULL")),
    )
    person: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    message_id: str = Field(unique=True)
    send_at: datetime = instant()
    # From then on nothing is added: what is tried again is the same mail.
    closed_at: datetime | None = instant(nullable=True)
    attempts: int = 0
    next_try_at: datetime = instant()
    sent_at: datetime | None = instant(nullable=True)
    last_failure: str | None = None


class MailChoiceRow(Row, table=True):
    """How somebody wants to be told; without a row, by a mail for each reminder."""

    __tablename__ = "mail_choices"
    # The directory's id of a person.
    person: str = Field(primary_key=True)
    # `each` or `daily`.
    delivery: str
    version: int
    changed_at: datetime = instant()
