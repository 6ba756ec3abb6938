"""Acts on cases, and what they change of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.case import Case
from services.intake.domain.case_act import CaseAct, Did
from services.intake.storage.decisions import TABLE as DECISIONS
from services.intake.storage.notifications import TABLE as NOTIFICATIONS
from services.intake.storage.submissions import SUBMISSIONS
from services.intake.storage.tables import CaseActRow
from shared.confidential.fields import FieldCipher

TABLE: Any = CaseActRow.__table__  # pyright: ignore[reportAttributeAccessIssue]


async def insert_case_act(
    session: AsyncSession, cipher: FieldCipher, case: Case, made: CaseAct
) -> None:
    """Write an act; its reason encrypted with the case's key."""
    values = {name: getattr(made, name) for name in CaseAct.__dataclass_fields__}
    sealed = cipher.encrypt(made.reason, _context(made.id)) if made.reason else None
    values |= {"notification_id": case.id, "what": made.what.value, "reason": sealed}
    await session.execute(TABLE.insert(), values)


async def load_case_acts(
    session: AsyncSession, cipher: FieldCipher, notification: str
) -> Sequence[CaseAct]:
    """The acts on a case in the order they were recorded."""
    wanted = select(TABLE).where(TABLE.c.notification_id == notification)
    rows = await session.execute(wanted.order_by(TABLE.c.recorded_at, TABLE.c.id))
    return [_act(cipher, row) for row in rows]


async def ratified_at(session: AsyncSession, notification: str) -> datetime | None:
    """When the review was ratified, as corrected since."""
    of_case = TABLE.c.notification_id == notification
    said = select(TABLE.c.after).where(
        of_case, (TABLE.c.what == Did.RATIFIED.value) | (TABLE.c.field == "ratified_at")
    )
    latest = said.order_by(TABLE.c.recorded_at.desc(), TABLE.c.id.desc()).limit(1)
    return await session.scalar(latest)


async def redate(session: AsyncSession, case: Case, field: str, value: datetime) -> None:
    """Write what a date of the case says now; the row is locked."""
    mine = NOTIFICATIONS.c.id == case.id
    await session.execute(update(NOTIFICATIONS).where(mine).values({field: value}))


async def decided_at(session: AsyncSession, case: Case, decision: str | None) -> datetime | None:
    """When one decision of a case was made, or None."""
    wanted = select(DECISIONS.c.decided_at).where(
        DECISIONS.c.id == decision, DECISIONS.c.notification_id == case.id
    )
    return await session.scalar(wanted)


async def redate_decision(session: AsyncSession, decision: str, value: datetime) -> None:
    """Write when a decision was made, as it is known now."""
    mine = DECISIONS.c.id == decision
    await session.execute(update(DECISIONS).where(mine).values(decided_at=value))


async def submitted_at(
    session: AsyncSession, case: Case, submission: str | None
) -> datetime | None:
    """When one report of a case was received, or None; an addendum is no report."""
    wanted = select(SUBMISSIONS.c.submitted_at).where(
        SUBMISSIONS.c.id == submission,
        SUBMISSIONS.c.notification_id == case.id,
        SUBMISSIONS.c.addendum_to.is_(None),
    )
    return await session.scalar(wanted)


async def redate_submission(session: AsyncSession, submission: str, value: datetime) -> None:
    """Write when a report was received, as it is known now."""
    mine = SUBMISSIONS.c.id == submission
    await session.execute(update(SUBMISSIONS).where(mine).values(submitted_at=value))


async def set_status(session: AsyncSession, case: Case, status: str) -> None:
    """Write how a locked case stands."""
    mine = NOTIFICATIONS.c.id == case.id
    await session.execute(update(NOTIFICATIONS).where(mine).values(status=status))


def _act(cipher: FieldCipher, row: Any) -> CaseAct:
    reason = cipher.decrypt_text(row.reason, _context(row.id)) if row.reason else ""
    return CaseAct(
        id=row.id,
        what=Did(row.what),
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        reason=reason,
        field=row.field,
        before=row.before,
        after=row.after,
        decision=row.decision,
        submission=row.submission,
    )


def _context(act: str) -> str:
    return f"case_acts.reason/{act}"
