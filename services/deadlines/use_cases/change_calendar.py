"""A calendar gets a new version, which its open clocks are moved on to."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

import uuid_utils

from services.deadlines.domain.calendar import FALLBACK, Calendar
from services.deadlines.domain.calendar_entries import Entry, mistakes
from services.deadlines.domain.calendar_following import following
from services.deadlines.domain.calendar_making import Difference, Mode, differences, make_version
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.storage.calendar_tables import CorrectionRow
from services.deadlines.storage.calendars import add_version, hold_versions, read_newest
from services.deadlines.storage.corrections import owe_correction
from shared.audit import record
from shared.errors import Conflict, Invalid
from shared.telemetry import current_traceparent
from shared.transaction import Transaction

# The audit trail names single days; of longer lists it says how many.
MOST_DAYS_TOLD = 100
# The source of a version that an area's calendar was given by a correction of Scotland's.
FOLLOWS = "scotland"
# So many open clocks are a part of a correction, which somebody who is free carries through.
PART = 10_000


@dataclass(frozen=True, slots=True)
class Import:
    """What somebody wants a calendar to say; `source` is the field the entries came in."""

    calendar: str
    entries: list[Entry]
    mode: Mode
    source: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """The version that an import would make, beside what clocks count by until then.

    `followers` are the versions of areas' own calendars that a change of Scotland's makes.
    """

    calendar: Calendar
    before: Calendar
    difference: Difference
    followers: tuple["Proposal", ...] = ()

    @property
    def all(self) -> tuple["Proposal", ...]:
        """This one and its followers."""
        return (self, *self.followers)


def version_of(rulebook: Rulebook, calendar_id: str) -> int:
    """The version in force; 0 where an area has no calendar of its own."""
    own = rulebook.calendars.by_id.get(calendar_id)
    return int(own.version) if own else 0


def propose(rulebook: Rulebook, wanted: Import) -> Proposal:
    """The next version, made of the one in force; `Invalid` names every line that is wrong."""
    wrong = list(mistakes(wanted.entries, wanted.source))
    if wrong:
        raise Invalid(*wrong)
    held = rulebook.calendars.by_id
    before = held.get(wanted.calendar) or held[FALLBACK]
    version = str(version_of(rulebook, wanted.calendar) + 1)
    made = make_version(before, wanted.calendar, version, wanted.entries, wanted.mode)
    followers = tuple(_followers(held.values(), before, made)) if made.id == FALLBACK else ()
    return Proposal(made, before, differences(before, made), followers)


def _followers(held: Iterable[Calendar], before: Calendar, after: Calendar) -> Iterator[Proposal]:
    """Areas that say the same afterwards as before get no new version."""
    for own in held:
        if own.id != FALLBACK:
            made = following(own, before, after)
            found = differences(own, made)
            if not found.nothing:
                yield Proposal(made, own, found)


async def change_calendar(
    tx: Transaction, rulebook: Rulebook, wanted: Import, reason: str, by: str, now: datetime
) -> CorrectionRow:
    """Bring the version into force for every process at once, and owe the moving of open clocks.

    The caller holds `hold_versions` and has compared the version that was to be changed.
    """
    proposal = propose(rulebook, wanted)
    if proposal.difference.nothing and version_of(rulebook, wanted.calendar):
        raise Conflict("The calendar says the same already; nothing was changed.")
    made = proposal.calendar
    for one in proposal.all:
        source = wanted.source if one is proposal else FOLLOWS
        add_version(tx.session, one.calendar, source, reason, by, now)
    correction = CorrectionRow(
        id=str(uuid_utils.uuid7()),
        calendar=made.id,
        version=int(made.version),
        began_at=now,
        traceparent=current_traceparent(),
    )
    area = None if made.id == FALLBACK else made.id
    await owe_correction(tx.session, correction, area, PART)
    for one in proposal.all:
        await _audit(tx, one, correction, reason, by, now)
    return correction


async def in_force_alone(tx: Transaction, rulebook: Rulebook) -> None:
    """Read what is in force while nobody can change it or pin a clock to it."""
    await hold_versions(tx.session)
    await read_newest(tx.session, rulebook.shelf)


async def _audit(
    tx: Transaction, proposal: Proposal, correction: CorrectionRow, reason: str, by: str,
    now: datetime,
) -> None:  # fmt: skip
    made, found = proposal.calendar, proposal.difference
    after = {
        "version": made.version,
        "correction": correction.id,
        "added": _told(found.added),
        "removed": _told(found.removed),
        "renamed": _told(found.renamed),
        "school_added": len(found.school_added),
        "school_removed": len(found.school_removed),
    }
    await record(
        tx,
        actor=by,
        act="calendar.corrected",
        subject=f"calendar:{made.id}",
        now=now,
        reason=reason,
        before={"calendar": proposal.before.id, "version": proposal.before.version},
        after=after,
    )


def _told(days: dict[date, str]) -> dict[str, str] | int:
    if len(days) > MOST_DAYS_TOLD:
        return len(days)
    return {day.isoformat(): name for day, name in days.items()}
