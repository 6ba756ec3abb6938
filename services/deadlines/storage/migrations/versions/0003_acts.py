"""Acts, emergency regimes, and the history of clocks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the tables."""
    _acts()
    _regimes()
    _turns()


def _acts() -> None:
    op.create_table(
        "acts",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("case_id", sa.String, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("clock_id", sa.String, nullable=False),
        sa.Column("obligation", sa.String, nullable=False),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("amount", sa.Integer),
        sa.Column("starts", sa.Date),
        sa.Column("ends", sa.Date),
        sa.Column("about", sa.String),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("agreed_by", sa.String),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String, nullable=False),
    )
    op.create_index("ix_acts_case_id", "acts", ["case_id"])


def _regimes() -> None:
    op.create_table(
        "regimes",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("number", sa.BigInteger, sa.Identity(always=True), nullable=False, unique=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("kinds", JSONB, nullable=False),
        sa.Column("areas", JSONB, nullable=False),
        sa.Column("starts", sa.Date, nullable=False),
        sa.Column("ends", sa.Date),
        sa.Column("amounts", JSONB, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("agreed_by", sa.String, nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("declared_by", sa.String, nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("version", sa.Integer, nullable=False),
    )


def _turns() -> None:
    op.create_table(
        "turns",
        sa.Column("number", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("clock_id", sa.String, nullable=False),
        sa.Column("case_id", sa.String, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("because", sa.String, nullable=False),
        sa.Column("act", sa.String),
        sa.Column("due_at_before", sa.DateTime(timezone=True)),
        sa.Column("due_at_after", sa.DateTime(timezone=True)),
        sa.Column("due_on_before", sa.Date),
        sa.Column("due_on_after", sa.Date),
        sa.Column("state_before", sa.String, nullable=False),
        sa.Column("state_after", sa.String, nullable=False),
        sa.Column("facts", JSONB, nullable=False),
    )
    op.create_index("ix_turns_clock_id", "turns", ["clock_id", "number"])
