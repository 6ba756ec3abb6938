"""Lay out one trace."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.console.domain.waterfall import Waterfall, waterfall
from services.console.storage.spans import spans_of
from shared.errors import NotFound


async def show_trace(session: AsyncSession, trace_id: str) -> Waterfall:
    """Its waterfall, with work of other traces that is linked to it."""
    spans = await spans_of(session, trace_id)
    if not any(span.trace_id == trace_id for span in spans):
        raise NotFound("There is no trace with this id, or it is too old to be kept.")
    return waterfall(trace_id, spans)
