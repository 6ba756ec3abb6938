"""The ledger of mails: what is owed, who is sending it, what was sent."""

from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.deadlines.domain.case import Case
from services.deadlines.domain.mail import About, Occasion, OwedMail
from services.deadlines.storage.cases import case_of
from services.deadlines.storage.tables import CaseRow, MailRow


async def owe_mail(
    session: AsyncSession,
    message_id: str,
    case: Case,
    occasion: Occasion,
    traceparent: str | None,
    now: datetime,
) -> None:
    """Write that a mail is owed; one that is owed or sent already stays as it is."""
    row = {
        "message_id": message_id,
        "case_id": case.id,
        "about": occasion.about.value,
        "rule": occasion.rule,
        "clock_id": occasion.clock,
        "created_at": now,
        "traceparent": traceparent,
        "attempts": 0,
        "next_try_at": now,
    }
    await session.execute(insert(MailRow).values(row).on_conflict_do_nothing())


async def claim_mails(
    session: AsyncSession, now: datetime, claimed_for: timedelta, limit: int
) -> list[OwedMail]:
    """Take mails to send; if this process dies, others may take them after `claimed_for`."""
    owed = select(MailRow, CaseRow).join(CaseRow, col(CaseRow.id) == col(MailRow.case_id))
    ready = owed.where(col(MailRow.sent_at).is_(None), col(MailRow.next_try_at) <= now)
    first = ready.order_by(col(MailRow.next_try_at)).limit(limit)
    rows = (await session.execute(first.with_for_update(skip_locked=True, of=MailRow))).all()
    for row, _ in rows:
        row.next_try_at = now + claimed_for
        row.attempts += 1
    await session.flush()
    return [_owed(row, case) for row, case in rows]


async def mark_sent(
    session: AsyncSession, message_id: str, person: str | None, now: datetime
) -> bool:
    """Write that a mail was sent; False when somebody else had already written so."""
    unsent = update(MailRow).where(
        col(MailRow.message_id) == message_id, col(MailRow.sent_at).is_(None)
    )
    sent = unsent.values(sent_at=now, person=person, last_failure=None)
    return (await session.execute(sent.returning(col(MailRow.message_id)))).first() is not None


async def mark_failed(
    session: AsyncSession, message_id: str, failure: str, next_try_at: datetime
) -> None:
    """Write why a mail could not be sent and when it is tried again."""
    mine = update(MailRow).where(col(MailRow.message_id) == message_id)
    await session.execute(mine.values(last_failure=failure, next_try_at=next_try_at))


async def count_owed(session: AsyncSession) -> int:
    """How many mails are still owed."""
    owed = select(func.count()).select_from(MailRow).where(col(MailRow.sent_at).is_(None))
    return (await session.execute(owed)).scalar_one()


def _owed(row: MailRow, case: CaseRow) -> OwedMail:
    occasion = Occasion(About(row.about), row.rule, row.clock_id)
    return OwedMail(
        row.message_id, occasion, case_of(case), row.attempts, row.traceparent, row.created_at
    )
