"""The clocks a caller may see, derived as at this moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.deadlines.domain.clock import Clock
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.storage.calendars import hold_pinned
from services.deadlines.storage.clocks import (
    Behind,
    Listed,
    Wanted,
    find_clock,
    list_clocks,
    list_due,
)
from shared.errors import NotFound
from shared.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Shown:
    """One recorded clock as it stands, with all clocks of its case."""

    listed: Listed
    clock: Clock
    case: tuple[Clock, ...]


async def show_clocks(
    tx: Transaction, rulebook: Rulebook, wanted: Wanted, now: datetime, after: int, limit: int
) -> tuple[list[Shown], int | None]:
    """Up to `limit` clocks from behind the one numbered `after`; each case is derived once.

    And the number up to which it was looked, where there are more.
    """
    found, until = await list_clocks(tx.session, wanted, now, after, limit)
    await hold_pinned(tx.session, rulebook, [one.case for one in found])
    return _shown(rulebook, found, now), until


async def show_due(
    tx: Transaction,
    rulebook: Rulebook,
    wanted: Wanted,
    now: datetime,
    behind: Behind | None,
    limit: int,
) -> list[Shown]:
    """Up to `limit` clocks that have a due date, the first due first."""
    found = await list_due(tx.session, wanted, now, behind, limit)
    await hold_pinned(tx.session, rulebook, [one.case for one in found])
    return _shown(rulebook, found, now)


async def show_clock(tx: Transaction, rulebook: Rulebook, clock_id: str, now: datetime) -> Shown:
    """One clock by its id."""
    listed = await find_clock(tx.session, clock_id)
    if listed is None:
        raise NotFound("There is no such clock.")
    await hold_pinned(tx.session, rulebook, [listed.case])
    return _shown(rulebook, [listed], now)[0]


def _shown(rulebook: Rulebook, found: Sequence[Listed], now: datetime) -> list[Shown]:
    cases = {one.case.id: one.case for one in found}
    clocks = {case_id: rulebook.clocks(case, now) for case_id, case in cases.items()}
    return [_one(listed, clocks[listed.case.id]) for listed in found]


def _one(listed: Listed, case: tuple[Clock, ...]) -> Shown:
    return Shown(listed, next(clock for clock in case if clock.rule.id == listed.rule), case)
