"""Calendar feeds and the entries they are made of, from and to their rows."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.deadlines.domain.feed import Entry
from services.deadlines.storage.feed_tables import FeedOwnerRow, FeedRow
from services.deadlines.storage.tables import RUNNING

# More than anybody keeps in a calendar; the first due come first.
MOST_ENTRIES = 2000
# What is due no more is shown as cancelled for so long, so that every program takes it out.
CANCELLED_SHOWN = timedelta(days=90)

_REFRESH = text(f"""
    WITH told AS (
        SELECT clocks.id, CASE WHEN {RUNNING.replace("state", "clocks.state")}
                AND clocks.due_at IS NOT NULL THEN 'CONFIRMED' ELSE 'CANCELLED' END AS status,
            coalesce(clocks.due_at, entry.due_at) AS due_at,
            coalesce(clocks.due_on, entry.due_on) AS due_on
        FROM clocks LEFT JOIN feed_entries entry ON entry.clock_id = clocks.id
        WHERE clocks.governing AND (CAST(:areas AS text[]) IS NULL OR clocks.area = ANY(:areas))
            AND (({RUNNING.replace("state", "clocks.state")} AND clocks.due_at IS NOT NULL)
                OR entry.status = 'CONFIRMED')
    )
    INSERT INTO feed_entries (clock_id, sequence, status, due_at, due_on, changed_at)
    SELECT id, 0, status, due_at, due_on, :now FROM told ORDER BY id
    ON CONFLICT (clock_id) DO UPDATE SET sequence = feed_entries.sequence + 1,
        status = excluded.status, due_at = excluded.due_at, due_on = excluded.due_on,
        changed_at = excluded.changed_at
    WHERE (feed_entries.status, feed_entries.due_at, feed_entries.due_on)
        IS DISTINCT FROM (excluded.status, excluded.due_at, excluded.due_on)
""")  # noqa: S608 - written above
_ENTRIES = text("""
    SELECT entry.clock_id, entry.sequence, entry.status, entry.due_at, entry.due_on,
        entry.changed_at, cases.reference, clocks.area, clocks.kind, clocks.obligation, clocks.rule
    FROM feed_entries entry JOIN clocks ON clocks.id = entry.clock_id
        JOIN cases ON cases.id = clocks.case_id
    WHERE (CAST(:areas AS text[]) IS NULL OR clocks.area = ANY(:areas))
        AND (entry.status = 'CONFIRMED' OR entry.changed_at > :since)
    ORDER BY entry.due_at, entry.clock_id LIMIT :limit
""")
_READ = text("""
    UPDATE feeds SET
        reads = CASE WHEN window_began_at > :since THEN reads + 1 ELSE 1 END,
        window_began_at = CASE WHEN window_began_at > :since THEN window_began_at ELSE :now END
    WHERE secret_hash = :hash AND revoked_at IS NULL
    RETURNING owner, scope, name, areas, reads
""")


async def read_feed(
    session: AsyncSession, secret_hash: bytes, now: datetime, window: timedelta
) -> Any:
    """The feed behind an address, its reads in this window counted; None when there is none."""
    told = {"hash": secret_hash, "now": now, "since": now - window}
    return (await session.execute(_READ, told)).first()


async def entries(
    session: AsyncSession, areas: frozenset[str] | None, now: datetime
) -> list[Entry]:
    """What calendars are told now; an entry that says something new gets its next number."""
    given = {"areas": sorted(areas) if areas is not None else None}
    await session.execute(_REFRESH, given | {"now": now})
    more = {"since": now - CANCELLED_SHOWN, "limit": MOST_ENTRIES}
    return [Entry(*row) for row in await session.execute(_ENTRIES, given | more)]


async def keep_owner(
    session: AsyncSession, subject: str, roles: list[str], areas: list[str] | None, now: datetime
) -> None:
    """Write what the owner of a feed may see from now on."""
    told = {"roles": roles, "areas": areas, "seen_at": now}
    written = insert(FeedOwnerRow).values(subject=subject, **told)
    await session.execute(written.on_conflict_do_update(index_elements=["subject"], set_=told))


async def find_owner(session: AsyncSession, subject: str) -> FeedOwnerRow | None:
    """What the owner was allowed when last heard of."""
    return await session.get(FeedOwnerRow, subject, populate_existing=True)


async def feeds_of(
    session: AsyncSession, owner: str | None, after: str, limit: int
) -> list[FeedRow]:
    """Somebody's feeds, or with None everybody's, those that were revoked included."""
    found = select(FeedRow).where(col(FeedRow.id) > after)
    if owner is not None:
        found = found.where(col(FeedRow.owner) == owner)
    return list(await session.scalars(found.order_by(col(FeedRow.id)).limit(limit)))


async def lock_feed(session: AsyncSession, feed_id: str) -> FeedRow | None:
    """One feed with its row locked, or None."""
    return await session.get(FeedRow, feed_id, with_for_update=True)


def add_feed(session: AsyncSession, feed: FeedRow) -> None:
    """Write a new feed."""
    session.add(feed)
