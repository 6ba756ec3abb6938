"""The tables of deadlines."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from shared.plumbing import create_plumbing

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create them all."""
    create_plumbing(op)
    _cases()
    _clocks()


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("reference", sa.String, nullable=False, unique=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("area", sa.String, nullable=False),
        sa.Column("rule_set", sa.String, nullable=False),
        sa.Column("facts", JSONB, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("traceparent", sa.String),
        sa.Column("calendars", JSONB, nullable=False, server_default=sa.text("'{}'")),
        sa.Column("received_at", sa.DateTime(timezone=True)),
        sa.Column("next_act_at", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_cases_area", "cases", ["area"])
    waiting = sa.text("next_act_at IS NOT NULL")
    op.create_index("ix_cases_received", "cases", ["received_at"], postgresql_include=["area"])
    op.create_index("ix_cases_next_act_at", "cases", ["next_act_at"], postgresql_where=waiting)


def _clocks() -> None:
    op.create_table(
        "clocks",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("number", sa.BigInteger, sa.Identity(always=True), nullable=False, unique=True),
        sa.Column("case_id", sa.String, sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("rule", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("warn_at", sa.DateTime(timezone=True)),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("due_on", sa.Date),
        sa.Column("area", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("obligation", sa.String, nullable=False),
        sa.Column("governing", sa.Boolean, nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True)),
        sa.Column("outcome", sa.String),
        sa.Column("discuss", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("told", ARRAY(sa.Text), nullable=False),
    )
    op.create_index("ix_clocks_case_id", "clocks", ["case_id"])
    running = sa.text("state IN ('not_started', 'open', 'due_soon', 'overdue', 'paused')")
    op.create_index("ix_clocks_running", "clocks", ["case_id"], postgresql_where=running)
    op.create_index("ix_clocks_running_due", "clocks", ["due_at"], postgresql_where=running)
    op.create_index("ix_clocks_area_number", "clocks", ["area", "number"])
    op.create_index(
        "ix_clocks_timeliness",
        "clocks",
        ["due_on"],
        postgresql_include=["area", "kind", "outcome", "state", "due_at"],
        postgresql_where=sa.text("governing AND due_on IS NOT NULL"),
    )
