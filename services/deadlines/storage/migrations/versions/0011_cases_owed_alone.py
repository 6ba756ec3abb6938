"""A case with which nothing can be done does not stop a correction or a regime."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Create the table of cases that are owed one by one; a reach remembers its last batch."""
    op.create_table(
        "lone_cases",
        sa.Column("change", sa.String, primary_key=True),
        sa.Column("case_id", sa.String, primary_key=True),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stuck_since", sa.DateTime(timezone=True)),
        sa.Column("stuck_why", sa.String),
    )
    op.add_column("regime_reaches", sa.Column("all_taken_at", sa.DateTime(timezone=True)))
