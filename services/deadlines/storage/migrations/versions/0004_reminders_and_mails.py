"""The ledger of reminders, mails, digests, and how people want to be told."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create them all."""
    _reminders()
    _mails()
    _digests()
    op.create_table(
        "mail_choices",
        sa.Column("person", sa.String, primary_key=True),
        sa.Column("delivery", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        _instant("changed_at"),
    )


def _reminders() -> None:
    op.create_table(
        "reminders",
        sa.Column("clock_id", sa.String, sa.ForeignKey("clocks.id"), primary_key=True),
        sa.Column("due_at", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("rung", sa.String, primary_key=True),
        sa.Column("verdict", sa.String, nullable=False),
        _instant("reached_at"),
        _instant("decided_at"),
    )


def _mails() -> None:
    op.create_table(
        "mails",
        sa.Column("message_id", sa.String, primary_key=True),
        sa.Column("case_id", sa.String, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("about", sa.String, nullable=False),
        sa.Column("audience", sa.String, nullable=False),
        sa.Column("rule", sa.String),
        sa.Column("clock_id", sa.String),
        sa.Column("rung", sa.String),
        _instant("due_at", nullable=True),
        _instant("created_at"),
        sa.Column("traceparent", sa.String),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        _instant("next_try_at"),
        _instant("sent_at", nullable=True),
        sa.Column("person", sa.String),
        sa.Column("digest", sa.String),
        sa.Column("last_failure", sa.String),
    )
    op.create_index("ix_mails_case_id", "mails", ["case_id"])
    owed, collected = sa.text("state = 'owed'"), sa.text("state = 'collected'")
    op.create_index("ix_mails_owed", "mails", ["next_try_at"], postgresql_where=owed)
    op.create_index("ix_mails_digest", "mails", ["digest"], postgresql_where=collected)


def _digests() -> None:
    op.create_table(
        "digests",
        sa.Column("person", sa.String, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("message_id", sa.String, nullable=False, unique=True),
        _instant("send_at"),
        _instant("closed_at", nullable=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        _instant("next_try_at"),
        _instant("sent_at", nullable=True),
        sa.Column("last_failure", sa.String),
    )
    owed = sa.text("sent_at IS NULL")
    op.create_index("ix_digests_owed", "digests", ["send_at"], postgresql_where=owed)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
