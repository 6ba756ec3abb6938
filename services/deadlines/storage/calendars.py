"""Versions of calendars, from and to their rows, and the shelf they are read onto."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.deadlines.domain.calendar import Break, Calendar, Calendars
from services.deadlines.domain.calendar_shelf import CalendarShelf
from services.deadlines.domain.case import Case
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.storage.calendar_tables import CalendarVersionRow

# Held together by all who pin a clock to the version in force, alone by who brings in another:
# so no clock is pinned to a version that a correction has already replaced.
_LOCK = 7_305_502


async def read_in_force(session: AsyncSession, shelf: CalendarShelf) -> Calendars:
    """The calendars in force until this transaction ends."""
    await session.execute(text(f"SELECT pg_advisory_xact_lock_shared({_LOCK})"))
    return await read_newest(session, shelf)


async def read_newest(session: AsyncSession, shelf: CalendarShelf) -> Calendars:
    """The calendars that are in force now; only what the shelf has not is fetched."""
    newest = await session.scalar(select(func.max(CalendarVersionRow.generation)))
    if newest is not None and newest > shelf.generation:
        shelf.put(*await _fetched(session, shelf))
    return shelf.current


async def hold_pinned(session: AsyncSession, rulebook: Rulebook, cases: Iterable[Case]) -> None:
    """Fetch what these cases count by, where this process has not read it yet."""
    if not all(rulebook.calendars.holds(case.pins) for case in cases):
        await read_newest(session, rulebook.shelf)


async def hold_versions(session: AsyncSession) -> None:
    """From now on nobody pins a clock, until this transaction ends."""
    await session.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))


def add_version(
    session: AsyncSession, calendar: Calendar, source: str, reason: str, by: str, now: datetime
) -> None:
    """Write a version; it is in force when this transaction commits."""
    session.add(
        CalendarVersionRow(
            calendar=calendar.id,
            version=int(calendar.version),
            holidays=[[day.isoformat(), name] for day, name in calendar.holidays.items()],
            school=[
                [one.starts.isoformat(), one.ends.isoformat(), one.name] for one in calendar.school
            ],
            known_from=calendar.known_from,
            known_until=calendar.known_until,
            announced_until=calendar.announced_until,
            source=source,
            reason=reason,
            made_by=by,
            made_at=now,
        )
    )


async def version_rows(
    session: AsyncSession, calendar_id: str, before: int, limit: int
) -> list[CalendarVersionRow]:
    """The versions of a calendar older than `before`, the newest first."""
    of_it = select(CalendarVersionRow).where(
        col(CalendarVersionRow.calendar) == calendar_id, col(CalendarVersionRow.version) < before
    )
    newest = of_it.order_by(col(CalendarVersionRow.version).desc()).limit(limit)
    return list(await session.scalars(newest))


async def find_version(
    session: AsyncSession, calendar_id: str, version: int
) -> CalendarVersionRow | None:
    """One version, or None."""
    return await session.get(CalendarVersionRow, (calendar_id, version))


def calendar_of(row: Any) -> Calendar:
    """The calendar that a row holds."""
    return Calendar(
        id=row.calendar,
        version=str(row.version),
        holidays={date.fromisoformat(day): name for day, name in row.holidays},
        known_from=row.known_from,
        known_until=row.known_until,
        announced_until=row.announced_until,
        school=tuple(_break(*one) for one in row.school),
    )


def _break(starts: str, ends: str, name: str) -> Break:
    return Break(date.fromisoformat(starts), date.fromisoformat(ends), name)


async def _fetched(session: AsyncSession, shelf: CalendarShelf) -> tuple[Calendars, int]:
    generation = col(CalendarVersionRow.generation)
    newer = select(CalendarVersionRow).where(generation > shelf.generation).order_by(generation)
    rows = list(await session.scalars(newer))
    found = [calendar_of(row) for row in rows]
    held = shelf.current
    merged = Calendars(
        held.by_id | {one.id: one for one in found},
        held.versions | {one.pin: one for one in found},
    )
    return merged, max([shelf.generation, *(row.generation or 0 for row in rows)])
