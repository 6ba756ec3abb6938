"""Forget what is no longer needed."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.console.storage.sessions import forget_ended
from services.console.storage.spans import trim_spans


async def tidy(session: AsyncSession, now: datetime, keep_days: float, keep_spans: int) -> None:
    """Spans beyond their age or number, and sessions that have run out."""
    await trim_spans(session, now, keep_days, keep_spans)
    await forget_ended(session, now)
