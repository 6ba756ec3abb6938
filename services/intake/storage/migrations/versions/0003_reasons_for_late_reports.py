"""Why a report was handed in late, encrypted."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for it."""
    op.add_column("submissions", sa.Column("late_reason", sa.LargeBinary()))


def downgrade() -> None:
    """Cases are never thrown away by a migration."""
    raise NotImplementedError("restore a backup instead")
