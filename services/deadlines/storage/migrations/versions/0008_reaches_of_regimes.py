"""Regimes reach many cases batch by batch."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the table of what is still owed."""
    op.create_table(
        "regime_reaches",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("regime", sa.String, sa.ForeignKey("regimes.id"), nullable=False),
        sa.Column("because", sa.String, nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("behind", sa.String, nullable=False),
        sa.Column("clocks", sa.Integer, nullable=False),
        sa.Column("traceparent", sa.String),
    )
    op.create_index("ix_regime_reaches_regime", "regime_reaches", ["regime"])
    owed = sa.text("ended_at IS NULL")
    op.create_index("ix_regime_reaches_open", "regime_reaches", ["id"], postgresql_where=owed)
