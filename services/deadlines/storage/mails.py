"""Mails: what is owed, who is sending it, what was sent.

Claims and retries go by the database's clock, which all mailers share: one whose own clock is
wrong takes no mail out of another's hands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.deadlines.domain.case import Case
from services.deadlines.domain.ladder import Audience
from services.deadlines.domain.mail import About, MailState, Occasion, OwedMail
from services.deadlines.storage.cases import load_cases
from services.deadlines.storage.mail_tables import MailRow

_OWE = text(
    """INSERT INTO mails (message_id, case_id, about, audience, rule, clock_id, rung, due_at,
                           traceparent, created_at, state, attempts, next_try_at)
       SELECT given.*, CAST(:now AS timestamptz), 'owed', 0, statement_timestamp() FROM unnest(
           CAST(:message_ids AS text[]), CAST(:cases AS text[]), CAST(:about AS text[]),
           CAST(:audiences AS text[]), CAST(:rules AS text[]), CAST(:clocks AS text[]),
           CAST(:rungs AS text[]), CAST(:due_at AS timestamptz[]), CAST(:traceparents AS text[])
       ) AS given
       ON CONFLICT DO NOTHING"""
)
_CLAIM = text(
    """UPDATE mails SET attempts = attempts + 1,
                        next_try_at = statement_timestamp() + CAST(:claimed_for AS interval)
       WHERE message_id IN (
           SELECT message_id FROM mails
           WHERE state = 'owed' AND next_try_at <= statement_timestamp()
           ORDER BY next_try_at LIMIT :limit FOR UPDATE SKIP LOCKED
       )
       RETURNING *"""
)


@dataclass(frozen=True, slots=True)
class Owing:
    """One thing to tell, in the trace of what made it necessary."""

    message_id: str
    case_id: str
    occasion: Occasion
    traceparent: str | None


async def owe_mails(session: AsyncSession, owing: Sequence[Owing], now: Any) -> None:
    """Write that mails are owed; one that is owed or sent already stays as it is."""
    occasions = [one.occasion for one in owing]
    given = {
        "message_ids": [one.message_id for one in owing],
        "cases": [one.case_id for one in owing],
        "about": [one.about.value for one in occasions],
        "audiences": [one.audience.value for one in occasions],
        "rules": [one.rule for one in occasions],
        "clocks": [one.clock for one in occasions],
        "rungs": [one.rung for one in occasions],
        "due_at": [one.due_at for one in occasions],
        "traceparents": [one.traceparent for one in owing],
    }
    await session.execute(_OWE, given | {"now": now})


async def claim_mails(session: AsyncSession, claimed_for: timedelta, limit: int) -> list[OwedMail]:
    """Take mails to send; if this process dies, others may take them after `claimed_for`."""
    asked = {"claimed_for": claimed_for, "limit": limit}
    rows = (await session.execute(_CLAIM, asked)).all()
    return await _with_cases(session, rows)


async def collected_mails(session: AsyncSession, digest: str, limit: int) -> list[OwedMail]:
    """What a digest tells and is not yet recorded as told, cases as they came."""
    mine = select(MailRow.__table__).where(  # pyright: ignore[reportAttributeAccessIssue]
        col(MailRow.digest) == digest, col(MailRow.state) == MailState.COLLECTED.value
    )
    ordered = mine.order_by(col(MailRow.created_at), col(MailRow.message_id)).limit(limit)
    return await _with_cases(session, (await session.execute(ordered)).all())


async def settle_mail(
    session: AsyncSession, message_id: str, state: MailState, **written: Any
) -> bool:
    """Write what became of a mail; False when it was sent or dropped already."""
    open_still = (MailState.OWED.value, MailState.COLLECTED.value)
    mine = update(MailRow).where(
        col(MailRow.message_id) == message_id, col(MailRow.state).in_(open_still)
    )
    settled = mine.values(state=state.value, last_failure=None, **written)
    return (await session.execute(settled.returning(col(MailRow.message_id)))).first() is not None


async def mark_failed(
    session: AsyncSession, message_id: str, failure: str, wait: timedelta
) -> None:
    """Write why a mail could not be sent and when it is tried again."""
    mine = update(MailRow).where(col(MailRow.message_id) == message_id)
    next_try_at = func.statement_timestamp() + wait
    await session.execute(mine.values(last_failure=failure, next_try_at=next_try_at))


async def count_owed(session: AsyncSession) -> int:
    """How many mails are still owed."""
    owed = select(func.count()).where(col(MailRow.state) == MailState.OWED.value)
    return (await session.execute(owed)).scalar_one()


async def _with_cases(session: AsyncSession, rows: Sequence[Row[Any]]) -> list[OwedMail]:
    cases = await load_cases(session, sorted({row.case_id for row in rows})) if rows else {}
    return [_owed(row, cases[row.case_id]) for row in rows]


def _owed(row: Row[Any], case: Case) -> OwedMail:
    occasion = Occasion(
        About(row.about), Audience(row.audience), row.rule, row.clock_id, row.rung, row.due_at
    )
    return OwedMail(row.message_id, occasion, case, row.attempts, row.traceparent, row.created_at)
