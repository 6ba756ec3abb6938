"""Whom a regime reaches: the cases it concerns, before it and after it.

While somebody waits only so many cases are derived anew; the rest is owed, and the worker goes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import structlog

from services.deadlines.domain.case import Case
from services.deadlines.domain.moves import Cause, Moved
from services.deadlines.domain.regime_scope import Declared, under
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.storage.calendars import hold_pinned
from services.deadlines.storage.cases import lock_case
from services.deadlines.storage.reaches import owe_reach
from services.deadlines.storage.regimes import (
    concerned_cases,
    count_concerned,
    ids_of_concerned,
)
from services.deadlines.use_cases.recompute import Change, compare, recompute_all
from shared.database import is_collision, is_outage
from shared.transaction import Transaction

BATCH = 200
# So many cases are derived anew in the transaction of a declaration, and counted in a preview.
AT_ONCE = 1_000
# So many clocks are shown one by one; of all others it is said how many there are.
MOST_SHOWN = 500

log = structlog.get_logger()


@dataclass(slots=True)
class Reach:
    """The clocks that a regime moves or makes a matter to discuss.

    It is not `complete` where only `counted` of the cases that it concerns were derived anew; how
    many it then concerns in all is known of previews only.
    """

    cases: int = 0
    clocks: int = 0
    shown: list[Moved] = field(default_factory=list)
    counted: int = 0
    concerned: int | None = None
    complete: bool = True

    def add(self, counted: int, moved: Sequence[Moved]) -> None:
        """Count one batch of cases, and its clocks."""
        self.counted += counted
        self.cases += len({one.case.id for one in moved})
        self.clocks += len(moved)
        self.shown += moved[: MOST_SHOWN - len(self.shown)]


async def foresee(
    tx: Transaction,
    rulebook: Rulebook,
    concerned: Declared,
    declared: Sequence[Declared],
    now: datetime,
) -> Reach:
    """What would move of the first cases if these were the regimes; nothing is changed.

    One that cannot be read or counted is not among those that were `counted`.
    """
    reach, behind, looked_at = Reach(), "", 0
    for _ in range(0, AT_ONCE, BATCH):
        failed: list[str] = []
        asked = tx.session, concerned, behind, BATCH
        cases = await concerned_cases(*asked, lock=False, failed=failed)
        tx.session.expunge_all()
        await hold_pinned(tx.session, rulebook, cases)
        for case in cases:
            _foresee_one(reach, rulebook, case, declared, now)
        ids = sorted([*failed, *(case.id for case in cases)])
        looked_at += len(ids)
        if len(ids) < BATCH:
            reach.concerned = looked_at
            break
        behind = ids[-1]
    else:
        reach.concerned = await count_concerned(tx.session, concerned)
    reach.complete = reach.concerned <= reach.counted
    return reach


def _foresee_one(
    reach: Reach, rulebook: Rulebook, case: Case, declared: Sequence[Declared], now: datetime
) -> None:
    try:
        moved = [
            one
            for change in _changes([case], declared)
            for one in compare(rulebook, *change, now)
            if one.differs
        ]
    except Exception as error:  # noqa: BLE001 - others can be counted all the same
        log.warning("regime.case-not-counted", case=case.id, error=type(error).__name__)
    else:
        reach.add(1, moved)


async def carry_to_cases(
    tx: Transaction,
    rulebook: Rulebook,
    concerned: Declared,
    declared: Sequence[Declared],
    cause: Cause,
    now: datetime,
) -> Reach:
    """Derive the first of the cases that it concerns anew; what is left, or fails, is owed."""
    reach, behind = Reach(), ""
    for _ in range(0, AT_ONCE, BATCH):
        try:
            async with tx.alone():
                batch = await carry_batch(tx, rulebook, concerned, declared, cause, now, behind)
        except Exception as error:
            if is_outage(error) or is_collision(error):
                raise
            log.warning("regime.batch-owed", error=type(error).__name__)
            break
        reach.add(batch.cases, batch.moved)
        if batch.last is None:
            reach.concerned = reach.counted
            return reach
        behind = batch.last
    await owe_reach(tx.session, concerned.regime.id, cause.because, behind, now)
    reach.complete = False
    return reach


class Batch(NamedTuple):
    """What moved in so many cases, and the last of them; None where no case is behind it."""

    cases: int
    moved: list[Moved]
    last: str | None


async def carry_batch(
    tx: Transaction,
    rulebook: Rulebook,
    concerned: Declared,
    declared: Sequence[Declared],
    cause: Cause,
    now: datetime,
    behind: str,
) -> Batch:
    """Derive some cases behind one id anew."""
    cases = await concerned_cases(tx.session, concerned, behind, BATCH, lock=True)
    moved = await recompute_all(tx, rulebook, _changes(cases, declared), cause, now)
    return Batch(len(cases), moved, cases[-1].id if len(cases) == BATCH else None)


async def ids_of_batch(
    tx: Transaction, concerned: Declared, behind: str
) -> tuple[list[str], str | None]:
    """The cases of that batch by id alone, and the last of them as a batch tells it."""
    cases = await ids_of_concerned(tx.session, concerned, behind, BATCH)
    return cases, cases[-1] if len(cases) == BATCH else None


async def carry_one(
    tx: Transaction,
    rulebook: Rulebook,
    case: str,
    declared: Sequence[Declared],
    cause: Cause,
    now: datetime,
) -> list[Moved]:
    """Derive one case alone anew."""
    locked = await lock_case(tx.session, case)
    changes = _changes([locked] if locked else [], declared)
    return await recompute_all(tx, rulebook, changes, cause, now)


def _changes(cases: Sequence[Case], declared: Sequence[Declared]) -> list[Change]:
    """Only those for whom the regimes differ: a case that was reached already is passed over."""
    both = [(case, under(case, declared)) for case in cases]
    return [one for one in both if one[0].facts.regimes != one[1].facts.regimes]
