"""Submissions and their attachments; rows are added, and only a wrong receipt is put right."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.case import Submission, SubmittedFile
from services.intake.storage.tables import AttachmentRow, SubmissionRow
from shared.confidential.fields import FieldCipher
from shared.errors import NotFound

SUBMISSIONS: Any = SubmissionRow.__table__  # pyright: ignore[reportAttributeAccessIssue]
ATTACHMENTS: Any = AttachmentRow.__table__  # pyright: ignore[reportAttributeAccessIssue]


async def insert_submission(
    session: AsyncSession, cipher: FieldCipher, notification: str, made: Submission
) -> None:
    """Write a submission with its attachments; what people wrote encrypted with the case's key."""
    reason = made.late_reason
    values = {
        "id": made.id,
        "notification_id": notification,
        "stage": made.stage,
        "submitted_at": made.submitted_at,
        "submitted_by": made.submitted_by,
        "addendum_to": made.addendum_to,
        "late_reason": cipher.encrypt(reason, _reason(made.id)) if reason else None,
    }
    await session.execute(SUBMISSIONS.insert(), values)
    if made.files:
        rows = [
            _attachment(cipher, made.id, file) | {"position": position}
            for position, file in enumerate(made.files)
        ]
        await session.execute(ATTACHMENTS.insert(), rows)


async def load_submissions(
    session: AsyncSession, cipher: FieldCipher, notification: str
) -> Sequence[Submission]:
    """Everything handed in for a case, oldest first."""
    of_case = SUBMISSIONS.c.notification_id == notification
    rows = await session.execute(
        select(SUBMISSIONS).where(of_case).order_by(SUBMISSIONS.c.submitted_at, SUBMISSIONS.c.id)
    )
    files = await _files(session, cipher, of_case)
    return [_submission(cipher, row, tuple(files.get(row.id, ()))) for row in rows]


async def find_submission(session: AsyncSession, notification: str, submission: str) -> str:
    """The stage of one submission of a case, or `NotFound`."""
    wanted = select(SUBMISSIONS.c.stage).where(
        SUBMISSIONS.c.id == submission, SUBMISSIONS.c.notification_id == notification
    )
    stage = await session.scalar(wanted)
    if stage is None:
        raise NotFound("There is no such submission.")
    return stage


async def find_attachment(
    session: AsyncSession, cipher: FieldCipher, notification: str, attachment: str
) -> SubmittedFile:
    """One attachment of a case, or `NotFound`."""
    joined = ATTACHMENTS.c.submission_id == SUBMISSIONS.c.id
    wanted = select(ATTACHMENTS).where(
        joined, SUBMISSIONS.c.notification_id == notification, ATTACHMENTS.c.id == attachment
    )
    row = (await session.execute(wanted)).first()
    if row is None:
        raise NotFound("There is no such attachment.")
    return _file(cipher, row)


async def _files(
    session: AsyncSession, cipher: FieldCipher, of_case: Any
) -> dict[str, list[SubmittedFile]]:
    wanted = select(ATTACHMENTS).where(ATTACHMENTS.c.submission_id == SUBMISSIONS.c.id, of_case)
    found: dict[str, list[SubmittedFile]] = {}
    for row in await session.execute(wanted.order_by(ATTACHMENTS.c.position)):
        found.setdefault(row.submission_id, []).append(_file(cipher, row))
    return found


def _attachment(cipher: FieldCipher, submission: str, file: SubmittedFile) -> dict[str, Any]:
    return {
        "id": file.id,
        "submission_id": submission,
        "name": cipher.encrypt(file.name, _context(file.id)),
        "content_type": file.content_type,
        "size": file.size,
        "sha256": file.sha256,
    }


def _submission(cipher: FieldCipher, row: Any, files: tuple[SubmittedFile, ...]) -> Submission:
    reason = row.late_reason
    return Submission(
        id=row.id,
        stage=row.stage,
        submitted_at=row.submitted_at,
        submitted_by=row.submitted_by,
        files=files,
        addendum_to=row.addendum_to,
        late_reason=cipher.decrypt_text(reason, _reason(row.id)) if reason else None,
    )


def _file(cipher: FieldCipher, row: Any) -> SubmittedFile:
    name = cipher.decrypt_text(row.name, _context(row.id))
    return SubmittedFile(row.id, name, row.content_type, row.size, row.sha256)


def _reason(submission: str) -> str:
    return f"submissions.late_reason/{submission}"


def _context(attachment: str) -> str:
    return f"attachments.name/{attachment}"
