"""Which cases the sweeper has set aside."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Two columns without a value, so that no row is rewritten."""
    op.add_column("cases", sa.Column("stuck_since", sa.DateTime(timezone=True)))
    op.add_column("cases", sa.Column("stuck_why", sa.String))
    stuck = sa.text("stuck_since IS NOT NULL")
    op.create_index("ix_cases_stuck", "cases", ["stuck_since"], postgresql_where=stuck)
