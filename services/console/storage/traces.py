"""Finding traces."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.console.domain.search import Search
from services.console.domain.trace_summary import TraceSummary
from services.console.storage.tables import TraceRow

OURSELVES = "console"

# A reference is told where the work was done; traces linked from there, or to there, belong to it.
_LINKED_WITH = text(
    """
    traces.linked && ARRAY(SELECT one.trace_id FROM traces one WHERE one."references" @> :wanted)
    OR traces.trace_id IN (
        SELECT unnest(one.linked) FROM traces one WHERE one."references" @> :wanted)
    """
)
_SERVICES = text("SELECT DISTINCT unnest(services) AS service FROM traces ORDER BY 1 LIMIT 50")


async def find_traces(
    session: AsyncSession, search: Search, now: datetime, limit: int
) -> list[TraceSummary]:
    """The newest that fit, newest first."""
    newest = select(TraceRow).where(*_conditions(search, now)).limit(limit)
    rows = await session.scalars(newest.order_by(col(TraceRow.started_ns).desc()))
    return [_summary(row) for row in rows]


async def known_services(session: AsyncSession) -> Sequence[str]:
    """Every service that spans came from."""
    return list(await session.scalars(_SERVICES))


def _conditions(search: Search, now: datetime) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    duration = col(TraceRow.ended_ns) - col(TraceRow.started_ns)
    if search.reference:
        told = col(TraceRow.references).op("@>")([search.reference])
        wanted.append(or_(told, _LINKED_WITH.bindparams(wanted=[search.reference])))
    if search.service:
        wanted.append(col(TraceRow.services).op("@>")([search.service]))
    elif not search.reference:
        # Looking at this console makes traces too; unasked they would bury the others.
        wanted.append(col(TraceRow.services) != [OURSELVES])
    if search.errors_only:
        wanted.append(col(TraceRow.failures) > 0)
    if search.min_ms is not None:
        wanted.append(duration >= round(search.min_ms * 1_000_000))
    if search.before_ns is not None:
        wanted.append(col(TraceRow.started_ns) < search.before_ns)
    if since := search.since(now):
        wanted.append(col(TraceRow.started_ns) >= round(since.timestamp()) * 1_000_000_000)
    return wanted


def _summary(row: TraceRow) -> TraceSummary:
    return TraceSummary(
        trace_id=row.trace_id.hex(),
        started_ns=row.started_ns,
        ended_ns=row.ended_ns,
        spans=row.spans,
        failures=row.failures,
        entry_name=row.entry_name,
        entry_service=row.entry_service,
        services=tuple(row.services),
        references=tuple(row.references),
        linked=tuple(one.hex() for one in row.linked),
    )
