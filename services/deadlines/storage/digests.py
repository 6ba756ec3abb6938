"""Daily digests, one a person and day; and who wants them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.deadlines.domain.digest import Delivery, Digest
from services.deadlines.domain.mail import MailState
from services.deadlines.storage.mail_tables import DigestRow, MailChoiceRow, MailRow

_CLAIM = text(
    """UPDATE digests SET closed_at = COALESCE(closed_at, :now), attempts = attempts + 1,
              next_try_at = statement_timestamp() + CAST(:claimed_for AS interval)
       WHERE (person, day) IN (
           SELECT person, day FROM digests
           WHERE sent_at IS NULL AND send_at <= :now AND next_try_at <= statement_timestamp()
           ORDER BY send_at LIMIT :limit FOR UPDATE SKIP LOCKED
       )
       RETURNING person, day, send_at, attempts"""
)


async def collect(
    session: AsyncSession, digest: Digest, message_id: str, mails: Sequence[str]
) -> bool:
    """Add mails to a digest; False when it is closed, and nothing more can be added."""
    row = {
        "person": digest.person,
        "day": digest.day,
        "message_id": message_id,
        "send_at": digest.send_at,
        "attempts": 0,
        "next_try_at": func.statement_timestamp(),
    }
    await session.execute(insert(DigestRow).values(row).on_conflict_do_nothing())
    mine = select(DigestRow).where(col(DigestRow.message_id) == message_id).with_for_update()
    if (await session.scalars(mine)).one().closed_at is not None:
        return False
    owed = update(MailRow).where(
        col(MailRow.message_id).in_(mails), col(MailRow.state) == MailState.OWED.value
    )
    await session.execute(owed.values(state=MailState.COLLECTED.value, digest=message_id))
    return True


async def claim_digests(
    session: AsyncSession, now: datetime, claimed_for: timedelta, limit: int
) -> list[Digest]:
    """Take digests whose hour has come, and close them; claimed like mails."""
    asked = {"now": now, "claimed_for": claimed_for, "limit": limit}
    rows = await session.execute(_CLAIM, asked)
    return [Digest(row.person, row.day, row.send_at, row.attempts) for row in rows]


async def mark_digest_sent(session: AsyncSession, message_id: str, now: datetime) -> None:
    """From now on it is only recorded what it told."""
    mine = update(DigestRow).where(
        col(DigestRow.message_id) == message_id, col(DigestRow.sent_at).is_(None)
    )
    await session.execute(mine.values(sent_at=now, last_failure=None))


async def mark_digest_failed(
    session: AsyncSession, message_id: str, failure: str, wait: timedelta
) -> None:
    """Write why it could not be sent, and when it is tried again."""
    mine = update(DigestRow).where(col(DigestRow.message_id) == message_id)
    next_try_at = func.statement_timestamp() + wait
    await session.execute(mine.values(last_failure=failure, next_try_at=next_try_at))


async def sent_and_unrecorded(session: AsyncSession, limit: int) -> list[tuple[str, str, datetime]]:
    """Digests that went out while what they told is not recorded: id, person and when."""
    rows = await session.execute(
        select(DigestRow.message_id, DigestRow.person, DigestRow.sent_at)  # pyright: ignore[reportCallIssue, reportArgumentType]
        .join(MailRow, col(MailRow.digest) == col(DigestRow.message_id))
        .where(col(MailRow.state) == MailState.COLLECTED.value, col(DigestRow.sent_at).is_not(None))
        .distinct()
        .limit(limit)
    )
    return [(row.message_id, row.person, row.sent_at) for row in rows]


async def daily_people(session: AsyncSession) -> frozenset[str]:
    """Everybody who wants to be told once a day."""
    daily = select(MailChoiceRow.person).where(  # pyright: ignore[reportCallIssue, reportArgumentType]
        col(MailChoiceRow.delivery) == Delivery.DAILY.value
    )
    return frozenset(await session.scalars(daily))


async def find_choice(
    session: AsyncSession, person: str, *, lock: bool = False
) -> tuple[Delivery, int]:
    """How somebody wants to be told, and the version of that choice; 0 while none was made."""
    row = await session.get(MailChoiceRow, person, with_for_update=lock)
    return (Delivery(row.delivery), row.version) if row else (Delivery.EACH, 0)


async def save_choice(
    session: AsyncSession, person: str, delivery: Delivery, version: int, now: datetime
) -> None:
    """Write a choice."""
    given = {"delivery": delivery.value, "version": version, "changed_at": now}
    written = insert(MailChoiceRow).values(person=person, **given)
    await session.execute(written.on_conflict_do_update(index_elements=["person"], set_=given))
