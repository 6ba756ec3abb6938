"""Which report it is whose receipt was put right."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for it."""
    column = sa.Column("submission", sa.String(), sa.ForeignKey("submissions.id"))
    op.add_column("case_acts", column)


def downgrade() -> None:
    """Cases are never thrown away by a migration."""
    raise NotImplementedError("restore a backup instead")
