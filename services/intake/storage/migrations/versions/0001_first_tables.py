"""The first tables of intake."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.plumbing import create_plumbing

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    create_plumbing(op)
    _notifications()
    _submissions()
    _decisions_and_reviews()
    _drafts()
    _partner_messages()
    _happenings()


def _text(name: str, *more: object, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), *more, nullable=nullable)  # pyright: ignore[reportArgumentType]


def _instant(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _bytes(name: str, *, nullable: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=nullable)


def _id() -> sa.Column[str]:
    return sa.Column("id", sa.String(), primary_key=True)


def _notifications() -> None:
    op.create_table(
        "notifications",
        _id(),
        sa.Column("reference", sa.String(), nullable=False, unique=True),
        _text("kind"),
        _text("area"),
        _text("status"),
        _instant("occurred_at"),
        _instant("aware_at"),
        _instant("received_at"),
        sa.Column("version", sa.Integer(), nullable=False),
        _text("sent_by"),
        _text("partner", nullable=True),
        _bytes("record_key", nullable=True),
        _bytes("personal"),
    )
    op.create_index("ix_notifications_received", "notifications", ["received_at", "id"])
    op.create_index(
        "ix_notifications_area_received", "notifications", ["area", "received_at", "id"]
    )


def _submissions() -> None:
    op.create_table(
        "submissions",
        _id(),
        _text("notification_id", sa.ForeignKey("notifications.id")),
        _text("stage"),
        _instant("submitted_at"),
        _text("submitted_by"),
        _text("addendum_to", sa.ForeignKey("submissions.id"), nullable=True),
    )
    op.create_index("ix_submissions_notification_id", "submissions", ["notification_id"])
    op.create_table(
        "attachments",
        _id(),
        _text("submission_id", sa.ForeignKey("submissions.id")),
        sa.Column("position", sa.Integer(), nullable=False),
        _bytes("name"),
        _text("content_type"),
        sa.Column("size", sa.Integer(), nullable=False),
        _text("sha256"),
    )
    op.create_index("ix_attachments_submission_id", "attachments", ["submission_id"])


def _decisions_and_reviews() -> None:
    op.create_table(
        "decisions",
        _id(),
        _text("notification_id", sa.ForeignKey("notifications.id")),
        _text("decision"),
        _instant("decided_at"),
        _instant("recorded_at"),
        _text("recorded_by"),
    )
    op.create_index("ix_decisions_notification_id", "decisions", ["notification_id"])
    op.create_table(
        "reviews",
        _id(),
        _text("submission_id", sa.ForeignKey("submissions.id")),
        _text("outcome"),
        _bytes("feedback"),
        _instant("reviewed_at"),
        _text("reviewed_by"),
    )
    op.create_index("ix_reviews_submission_id", "reviews", ["submission_id"])


def _drafts() -> None:
    op.create_table(
        "drafts",
        _id(),
        _text("owner"),
        _bytes("body"),
        sa.Column("version", sa.Integer(), nullable=False),
        _instant("saved_at"),
    )
    op.create_index("ix_drafts_owner", "drafts", ["owner"])


def _partner_messages() -> None:
    op.create_table(
        "partner_messages",
        sa.Column("partner", sa.String(), primary_key=True),
        sa.Column("message_id", sa.String(), primary_key=True),
        _bytes("digest"),
        _text("outcome"),
        _bytes("receipt"),
        _bytes("record", nullable=True),
        _instant("received_at"),
    )


def _happenings() -> None:
    op.create_table(
        "happenings",
        sa.Column("position", sa.BigInteger(), primary_key=True),
        _text("notification_id", sa.ForeignKey("notifications.id")),
        _instant("at"),
        _text("service"),
        _text("what"),
        _text("text"),
        sa.Column("facts", JSONB(), nullable=False),
        _text("trace_id", nullable=True),
    )
    op.create_index("ix_happenings_in_order", "happenings", ["notification_id", "at", "position"])


def downgrade() -> None:
    """Cases are never thrown away by a migration."""
    raise NotImplementedError("restore a backup instead")
