"""People have the account they sign in with, where the directory was told."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Nobody has one until somebody enters it."""
    op.add_column("people", sa.Column("signs_in_as", sa.String))
    op.create_unique_constraint("people_one_for_each_account", "people", ["signs_in_as"])
