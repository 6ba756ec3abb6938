"""Sessions, spans and traces."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create them all."""
    _sessions()
    _spans()
    _traces()


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id_hash", sa.LargeBinary, primary_key=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("access_token", sa.LargeBinary, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
    )
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])


def _spans() -> None:
    op.create_table(
        "spans",
        sa.Column("trace_id", sa.LargeBinary, primary_key=True),
        sa.Column("span_id", sa.LargeBinary, primary_key=True),
        sa.Column("position", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("parent_id", sa.LargeBinary),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("start_ns", sa.BigInteger, nullable=False),
        sa.Column("duration_ns", sa.BigInteger, nullable=False),
        sa.Column("failed", sa.Boolean, nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("attributes", JSONB, nullable=False),
        sa.Column("happenings", JSONB, nullable=False),
        sa.Column("links", JSONB, nullable=False),
        sa.Column("received_at", _INSTANT, nullable=False),
    )
    op.create_index("ix_spans_position", "spans", ["position"])
    op.create_index("ix_spans_received_at", "spans", ["received_at"], postgresql_using="brin")


def _traces() -> None:
    op.create_table(
        "traces",
        sa.Column("trace_id", sa.LargeBinary, primary_key=True),
        sa.Column("started_ns", sa.BigInteger, nullable=False),
        sa.Column("ended_ns", sa.BigInteger, nullable=False),
        sa.Column("spans", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("entry_name", sa.Text, nullable=False),
        sa.Column("entry_service", sa.Text, nullable=False),
        sa.Column("services", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("references", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("linked", sa.ARRAY(sa.LargeBinary), nullable=False),
        sa.Column("seen_at", _INSTANT, nullable=False),
    )
    op.create_index("ix_traces_started_ns", "traces", ["started_ns"])
    op.create_index("ix_traces_seen_at", "traces", ["seen_at"])
    op.create_index("ix_traces_references", "traces", ["references"], postgresql_using="gin")
    op.create_index("ix_traces_linked", "traces", ["linked"], postgresql_using="gin")
