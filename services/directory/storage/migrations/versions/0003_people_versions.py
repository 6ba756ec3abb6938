"""People have a version, so that a change of theirs can say which one it changes."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Whoever is there already has their first version."""
    op.add_column("people", sa.Column("version", sa.Integer, nullable=False, server_default="1"))
    op.alter_column("people", "version", server_default=None)
