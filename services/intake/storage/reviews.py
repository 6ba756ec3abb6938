"""Reviews of submissions; the feedback is encrypted with the case's key."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.case import Review
from services.intake.storage.submissions import SUBMISSIONS
from services.intake.storage.tables import ReviewRow
from shared.confidential.fields import FieldCipher

TABLE: Any = ReviewRow.__table__  # pyright: ignore[reportAttributeAccessIssue]


async def insert_review(session: AsyncSession, cipher: FieldCipher, made: Review) -> None:
    """Write one review."""
    values = {
        "id": made.id,
        "submission_id": made.submission,
        "outcome": made.outcome,
        "feedback": cipher.encrypt(made.feedback, _context(made.id)),
        "reviewed_at": made.reviewed_at,
        "reviewed_by": made.reviewed_by,
    }
    await session.execute(TABLE.insert(), values)


async def load_reviews(
    session: AsyncSession, cipher: FieldCipher, notification: str
) -> Sequence[Review]:
    """The reviews of a case's submissions, oldest first."""
    wanted = select(TABLE).where(
        TABLE.c.submission_id == SUBMISSIONS.c.id, SUBMISSIONS.c.notification_id == notification
    )
    rows = await session.execute(wanted.order_by(TABLE.c.reviewed_at, TABLE.c.id))
    return [_review(cipher, row) for row in rows]


def _review(cipher: FieldCipher, row: Any) -> Review:
    feedback = cipher.decrypt_text(row.feedback, _context(row.id))
    return Review(
        row.id, row.submission_id, row.outcome, feedback, row.reviewed_at, row.reviewed_by
    )


def _context(review: str) -> str:
    return f"reviews.feedback/{review}"
