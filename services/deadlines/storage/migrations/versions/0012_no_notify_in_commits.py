"""Relays are told of a commit after it."""

from alembic import op

from shared.plumbing import stop_notifying

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Databases made earlier have a trigger that told them within it."""
    stop_notifying(op)
