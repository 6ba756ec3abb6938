"""Whom a regime reaches: the cases it concerns, before it and after it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.deadlines.domain.case import Case
from services.deadlines.domain.moves import Cause, Moved
from services.deadlines.domain.regime_scope import Declared, under
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.storage.calendars import hold_pinned
from services.deadlines.storage.regimes import concerned_cases
from services.deadlines.use_cases.recompute import Change, compare, recompute_all
from shared.transaction import Transaction

BATCH = 200
# So many clocks are shown one by one; of all others it is said how many there are.
MOST_SHOWN = 500


@dataclass(slots=True)
class Reach:
    """The clocks that a regime moves or makes a matter to discuss."""

    cases: int = 0
    clocks: int = 0
    shown: list[Moved] = field(default_factory=list)

    def add(self, moved: Sequence[Moved]) -> None:
        """Count the clocks of one batch."""
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
    """What would move if these were the regimes; nothing is changed."""
    reach = Reach()
    async for changes in _changes(tx, concerned, declared, lock=False):
        await hold_pinned(tx.session, rulebook, [before for before, _ in changes])
        for before, after in changes:
            moved = compare(rulebook, before, after, now)
            reach.add([one for one in moved if one.differs])
    return reach


async def carry_to_cases(
    tx: Transaction,
    rulebook: Rulebook,
    concerned: Declared,
    declared: Sequence[Declared],
    cause: Cause,
    now: datetime,
) -> Reach:
    """Derive every case that it concerns anew, in this transaction."""
    reach = Reach()
    async for changes in _changes(tx, concerned, declared, lock=True):
        reach.add(await recompute_all(tx, rulebook, changes, cause, now))
    return reach


async def _changes(
    tx: Transaction, concerned: Declared, declared: Sequence[Declared], *, lock: bool
) -> AsyncIterator[list[Change]]:
    behind = ""
    while cases := await concerned_cases(tx.session, concerned, behind, BATCH, lock=lock):
        yield [change for change in (_change(case, declared) for case in cases) if change]
        behind = cases[-1].id
        tx.session.expunge_all()


def _change(case: Case, declared: Sequence[Declared]) -> Change | None:
    after = under(case, declared)
    return (case, after) if after.facts.regimes != case.facts.regimes else None
