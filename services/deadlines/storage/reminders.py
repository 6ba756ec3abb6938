"""The ledger of rungs: a row says that one was decided for one due date of one clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.deadlines.domain.ladder import Reached, Verdict

# Rungs by clock and due date.
Ledger = dict[tuple[str, datetime], set[str]]

_READ = text(
    "SELECT clock_id, due_at, rung FROM reminders WHERE clock_id = ANY(CAST(:clocks AS text[]))"
)
_WRITE = text(
    """INSERT INTO reminders (clock_id, due_at, rung, verdict, reached_at, decided_at)
       SELECT given.*, CAST(:now AS timestamptz) FROM unnest(
           CAST(:clocks AS text[]), CAST(:due_at AS timestamptz[]), CAST(:rungs AS text[]),
           CAST(:verdicts AS text[]), CAST(:reached_at AS timestamptz[])
       ) AS given"""
)


@dataclass(frozen=True, slots=True)
class Decided:
    """One rung of one clock, and what became of it."""

    clock: str
    due_at: datetime
    found: Reached
    verdict: Verdict


async def decided_rungs(session: AsyncSession, clocks: Sequence[str]) -> Ledger:
    """The rungs of these clocks that were decided, by clock and due date."""
    ledger: Ledger = {}
    for row in await session.execute(_READ, {"clocks": list(clocks)}):
        ledger.setdefault((row.clock_id, row.due_at), set()).add(row.rung)
    return ledger


async def write_decided(session: AsyncSession, decided: Sequence[Decided], now: datetime) -> None:
    """Add to the ledger; the rows of the cases are locked, and its key allows no second row."""
    given = {
        "clocks": [one.clock for one in decided],
        "due_at": [one.due_at for one in decided],
        "rungs": [one.found.rung.name for one in decided],
        "verdicts": [one.verdict.value for one in decided],
        "reached_at": [one.found.at for one in decided],
    }
    await session.execute(_WRITE, given | {"now": now})
