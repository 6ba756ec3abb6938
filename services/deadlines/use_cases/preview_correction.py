"""Which open clocks a new version of a calendar would move, and by how much; nothing is changed."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import structlog

from services.deadlines.domain.calendar import FALLBACK, OF_AREA, Calendar, Calendars
from services.deadlines.domain.calendar_shelf import CalendarShelf
from services.deadlines.domain.case import Case
from services.deadlines.domain.recomputation import Move, Recomputation
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.storage.open_clocks import Affected, OpenCase, open_cases
from services.deadlines.use_cases.change_calendar import Proposal
from shared.transaction import Transaction

log = structlog.get_logger()

BATCH = 500
# So many cases are counted before others get their turn in this process.
SLICE = 50


@dataclass(slots=True)
class Preview:
    """What would move; of the moves themselves the first ones, earliest case first."""

    examined: int = 0
    # Cases that cannot be read or counted.
    uncounted: int = 0
    by_days: Counter[int] = field(default_factory=Counter)
    by_area: Counter[str] = field(default_factory=Counter)
    first: list[tuple[Case, Move]] = field(default_factory=list)

    @property
    def moved(self) -> int:
        """How many clocks would be due at another time."""
        return sum(self.by_days.values())


def affected(rulebook: Rulebook, calendar_id: str) -> Affected:
    """The clocks that may count by a calendar, now or once it exists."""
    names = {OF_AREA, FALLBACK} if calendar_id == FALLBACK else {OF_AREA}
    rules = {
        rule.id
        for one in rulebook.rule_sets.values()
        for rule in one.rules
        if rule.calendar in names
    }
    return Affected(tuple(sorted(rules)), None if calendar_id == FALLBACK else calendar_id)


async def preview_correction(
    tx: Transaction, rulebook: Rulebook, proposal: Proposal, now: datetime, show: int
) -> Preview:
    """Counts anew every clock that a changed day could touch."""
    made = [one.calendar for one in proposal.all]
    recomputation = Recomputation(_as_if(rulebook, made), now)
    found = Preview()
    if not proposal.difference.days:
        return found
    wanted = affected(rulebook, proposal.calendar.id)
    due_from = min(proposal.difference.days)
    async for number, one in _open(tx, wanted, due_from, found):
        try:
            outcome = recomputation.of(one)
        except Exception as error:  # noqa: BLE001 - others can be counted all the same
            log.warning("preview.case-not-counted", case=one.case.id, error=type(error).__name__)
            found.uncounted += 1
            continue
        found.examined += len(one.running)
        for move in outcome.moves if outcome else ():
            found.by_days[move.days] += 1
            found.by_area[one.case.area] += 1
            if len(found.first) < show:
                found.first.append((one.case, move))
        if number % SLICE == 0:
            await asyncio.sleep(0)
    return found


def _as_if(rulebook: Rulebook, made: Sequence[Calendar]) -> Rulebook:
    held = rulebook.calendars
    both = Calendars(
        held.by_id | {one.id: one for one in made}, held.versions | {one.pin: one for one in made}
    )
    return Rulebook(rulebook.rule_sets, CalendarShelf(both))


async def _open(
    tx: Transaction, wanted: Affected, due_from: date, found: Preview
) -> AsyncIterator[tuple[int, OpenCase]]:
    behind, number = "", 0
    while True:
        failed: list[str] = []
        batch = await open_cases(
            tx.session, wanted, behind, BATCH, lock=False, due_from=due_from, failed=failed
        )
        found.uncounted += len(failed)
        for one in batch:
            number += 1
            yield number, one
        ids = sorted([*failed, *(one.case.id for one in batch)])
        if len(ids) < BATCH:
            return
        behind = ids[-1]
