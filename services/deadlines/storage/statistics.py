"""Counts over all clocks, each in one statement that reads an index and no row."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.deadlines.domain.statistics import By
from services.deadlines.domain.suppression import Cell
from services.deadlines.storage.tables import RUNNING

_ROW = {By.AREA: "area", By.KIND: "kind", By.PERIOD: "to_char(due_on, 'YYYY-MM')"}
_SEEN = """(CAST(:areas AS text[]) IS NULL OR area = ANY(:areas))
    AND (CAST(:kind AS text) IS NULL OR kind = :kind)"""
# The governing wording alone is counted: an obligation is met or missed once.
_TIMELINESS = """
    SELECT {row} AS row, coalesce(outcome, 'overdue') AS outcome, count(*) AS number
    FROM clocks
    WHERE governing AND due_on IS NOT NULL AND due_on >= :starts AND due_on < :ends
        AND (outcome IS NOT NULL OR ({running} AND due_at <= :now)) AND {seen}
    GROUP BY 1, 2
"""
_AGES = """
    SELECT {row} AS row, CASE
            WHEN due_at <= CAST(:now AS timestamptz) - interval '90 days' THEN 'overdue-91'
            WHEN due_at <= CAST(:now AS timestamptz) - interval '28 days' THEN 'overdue-90'
            WHEN due_at <= CAST(:now AS timestamptz) - interval '7 days' THEN 'overdue-28'
            WHEN due_at <= CAST(:now AS timestamptz) THEN 'overdue-7'
            WHEN due_at <= CAST(:now AS timestamptz) + interval '7 days' THEN 'due-7'
            WHEN due_at <= CAST(:now AS timestamptz) + interval '28 days' THEN 'due-28'
            ELSE 'due-later' END AS age, count(*) AS number
    FROM clocks WHERE governing AND {running} AND due_at IS NOT NULL AND {seen}
    GROUP BY 1, 2
"""
_RECEIVED = text("""
    SELECT area, date_trunc('month', received_at AT TIME ZONE 'Europe/London')::date AS month,
        count(*) AS number, max(received_at AT TIME ZONE 'Europe/London')::date AS last_on
    FROM cases
    WHERE received_at IS NOT NULL AND (CAST(:areas AS text[]) IS NULL OR area = ANY(:areas))
    GROUP BY 1, 2
""")


class Asked(NamedTuple):
    """Which clocks are counted; None means all that exist for the caller."""

    by: By
    areas: frozenset[str] | None = None
    kind: str | None = None


async def timeliness(
    session: AsyncSession, asked: Asked, starts: date, ends: date, now: datetime
) -> dict[Cell, int]:
    """What became of clocks due from `starts` up to `ends`; those not yet due are left out."""
    statement = _TIMELINESS.format(row=_ROW[asked.by], running=RUNNING, seen=_SEEN)
    told = _told(asked) | {"starts": starts, "ends": ends, "now": now}
    return _cells(await session.execute(text(statement), told))


async def ages(session: AsyncSession, asked: Asked, now: datetime) -> dict[Cell, int]:
    """How long what runs has been overdue, or has left."""
    statement = _AGES.format(row=_ROW[asked.by], running=RUNNING, seen=_SEEN)
    return _cells(await session.execute(text(statement), _told(asked) | {"now": now}))


async def received(
    session: AsyncSession, areas: frozenset[str] | None
) -> tuple[dict[str, dict[date, int]], dict[str, date]]:
    """Notifications by area and month as Scotland counts days, and the last day of each area."""
    counts: dict[str, dict[date, int]] = {}
    last: dict[str, date] = {}
    given = {"areas": sorted(areas) if areas is not None else None}
    for row in await session.execute(_RECEIVED, given):
        counts.setdefault(row.area, {})[row.month] = row.number
        last[row.area] = max(last.get(row.area, row.last_on), row.last_on)
    return counts, last


def _told(asked: Asked) -> dict[str, Any]:
    areas = sorted(asked.areas) if asked.areas is not None else None
    return {"areas": areas, "kind": asked.kind}


def _cells(rows: Iterable[Any]) -> dict[Cell, int]:
    return {(row[0], row[1]): row[2] for row in rows}
