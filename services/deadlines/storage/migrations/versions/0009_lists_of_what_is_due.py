"""Indexes in the order of lists of what is due, which answer every filter without a row."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_RUNNING = sa.text("state IN ('not_started', 'open', 'due_soon', 'overdue', 'paused')")
_ENDED = sa.text("state IN ('met', 'met_late', 'cancelled') AND due_at IS NOT NULL")


def upgrade() -> None:
    """One for all areas, one for each area, one for what has ended."""
    op.drop_index("ix_clocks_running_due", "clocks")
    filters = ["area", "kind", "governing"]
    op.create_index(
        "ix_clocks_running_due",
        "clocks",
        ["due_at", "number", *filters],
        postgresql_where=_RUNNING,
    )
    op.create_index(
        "ix_clocks_running_area_due",
        "clocks",
        ["area", "due_at", "number", "kind"],
        postgresql_where=_RUNNING,
    )
    op.create_index(
        "ix_clocks_ended_due",
        "clocks",
        ["state", "due_at", "number", *filters],
        postgresql_where=_ENDED,
    )
