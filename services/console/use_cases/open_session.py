"""Remember somebody who has signed in."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.console.storage import sessions
from shared.confidential.fields import FieldCipher


async def open_session(
    session: AsyncSession,
    cipher: FieldCipher,
    subject: str,
    token: str,
    lasts: timedelta,
    now: datetime,
) -> str:
    """The key their browser will show; a new one every time."""
    key = secrets.token_urlsafe(32)
    await sessions.add_session(session, cipher, key, subject, token, now, now + lasts)
    return key
