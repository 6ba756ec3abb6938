"""Who moved a clock and for which reason, where it was no act on it: what the audit trail says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.deadlines.storage.tables import PLUMBING
from services.deadlines.storage.turns import Turned


@dataclass(frozen=True, slots=True)
class Said:
    """By the subject `by`, for a `reason`; `agreed_by` where somebody had to agree."""

    by: str
    reason: str
    agreed_by: str | None


async def said_of(
    session: AsyncSession, reference: str, turns: Sequence[Turned]
) -> list[Said | None]:
    """Of each line of the history of a case's clock; None where its trail is not kept here."""
    places = [_place(turned, reference) for turned in turns]
    entries = await _entries(session, {place[0] for place in places if place})
    return [
        _last(entries, place, turned) if place else None
        for place, turned in zip(places, turns, strict=True)
    ]


def _place(turned: Turned, reference: str) -> tuple[str, str] | None:
    """Subject and act of the entry."""
    match turned.because:
        case "rebased":
            return f"case:{reference}", "case.rebased"
        case "calendar-corrected":
            return f"calendar:{turned.facts['calendar']}", "calendar.corrected"
        case "regime-declared" | "regime-ended" | "regime-withdrawn":
            return f"regime:{turned.act}", turned.because.replace("-", ".")
    return None


async def _entries(session: AsyncSession, subjects: Iterable[str]) -> Sequence[Any]:
    trail = PLUMBING.audit_log
    wanted = select(trail).where(trail.c.subject.in_(subjects)).order_by(trail.c.position)
    return (await session.execute(wanted)).all() if subjects else ()


def _last(entries: Sequence[Any], place: tuple[str, str], turned: Turned) -> Said | None:
    """The last such entry before the line: a regime reaches most cases minutes after the act."""
    found = [one for one in entries if (one.subject, one.act) == place and one.at <= turned.at]
    if not found:
        return None
    return Said(found[-1].actor, found[-1].reason, (found[-1].after or {}).get("agreed_by"))
