"""Corrections are carried through in parts, several at once."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create them; a correction that is under way goes on as one part."""
    op.create_table(
        "calendar_correction_parts",
        sa.Column(
            "correction", sa.String, sa.ForeignKey("calendar_corrections.id"), primary_key=True
        ),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("behind", sa.String, nullable=False),
        sa.Column("until", sa.String),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
    )
    op.create_index(
        "ix_calendar_correction_parts_open",
        "calendar_correction_parts",
        ["correction", "number"],
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.execute(
        """INSERT INTO calendar_correction_parts (correction, number, behind)
           SELECT id, 0, behind FROM calendar_corrections WHERE ended_at IS NULL"""
    )
    op.drop_column("calendar_corrections", "behind")
