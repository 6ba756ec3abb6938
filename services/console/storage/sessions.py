"""Who is signed in: found by the hash of a value that only their browser knows."""

import hashlib
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.console.storage.tables import SessionRow
from shared.confidential.fields import FieldCipher


async def add_session(
    session: AsyncSession,
    cipher: FieldCipher,
    key: str,
    subject: str,
    token: str,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Remember that whoever shows `key` is `subject`, until `expires_at`."""
    id_hash = _hash(key)
    sealed = cipher.encrypt(token, _context(id_hash))
    session.add(
        SessionRow(
            id_hash=id_hash,
            subject=subject,
            access_token=sealed,
            created_at=now,
            expires_at=expires_at,
        )
    )
    await session.flush()


async def load_token(
    session: AsyncSession, cipher: FieldCipher, key: str, now: datetime
) -> str | None:
    """The access token of a session that has not ended."""
    row = await session.get(SessionRow, _hash(key))
    if row is None or row.expires_at <= now:
        return None
    return cipher.decrypt_text(row.access_token, _context(row.id_hash))


async def end_session(session: AsyncSession, key: str) -> None:
    """Forget it; the cookie is worth nothing from here on."""
    await session.execute(delete(SessionRow).where(col(SessionRow.id_hash) == _hash(key)))


async def forget_ended(session: AsyncSession, now: datetime) -> None:
    """Remove sessions that have run out."""
    await session.execute(delete(SessionRow).where(col(SessionRow.expires_at) <= now))


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _context(id_hash: bytes) -> str:
    return f"sessions.access_token/{id_hash.hex()}"
