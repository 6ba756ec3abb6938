"""Corrections, ratifications, and cases that end and go on."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "case_acts",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column(
            "notification_id", sa.String(), sa.ForeignKey("notifications.id"), nullable=False
        ),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("field", sa.String()),
        sa.Column("before", sa.DateTime(timezone=True)),
        sa.Column("after", sa.DateTime(timezone=True)),
        sa.Column("decision", sa.String(), sa.ForeignKey("decisions.id")),
        sa.Column("reason", sa.LargeBinary()),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
    )
    op.create_index("ix_case_acts_notification_id", "case_acts", ["notification_id"])


def downgrade() -> None:
    """Cases are never thrown away by a migration."""
    raise NotImplementedError("restore a backup instead")
