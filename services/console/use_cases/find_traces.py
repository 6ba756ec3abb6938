"""Search among traces."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.console.domain.search import PAGE, Search
from services.console.domain.trace_summary import TraceSummary
from services.console.storage import traces


@dataclass(frozen=True, slots=True)
class Found:
    """One page of traces; `older_than` asks for the next, None when there is none."""

    traces: Sequence[TraceSummary]
    services: Sequence[str]
    older_than: int | None


async def find_traces(session: AsyncSession, search: Search, now: datetime) -> Found:
    """The newest that fit, and the services there are to choose from."""
    found = await traces.find_traces(session, search, now, PAGE + 1)
    older = found[PAGE - 1].started_ns if len(found) > PAGE else None
    return Found(found[:PAGE], await traces.known_services(session), older)
