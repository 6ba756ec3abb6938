"""Keep what an exporter sent."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.console.domain.span import Span
from services.console.storage import spans as storage


async def store_spans(session: AsyncSession, spans: Sequence[Span], now: datetime) -> int:
    """Every span once, however often it is sent; answers how many were new."""
    return await storage.store_spans(session, spans, now) if spans else 0
