"""A regime that was declared, ended or withdrawn reaches the cases that were left, in batches.

What is owed remembers how far it has come: whoever dies in the middle is followed by another. A
case is always put under the regimes that stand by then, so that it does not matter which of two
changes reaches it last. A batch that cannot be done is taken apart: its cases are then owed one
by one.
"""

from datetime import datetime

from services.deadlines.domain.moves import Cause
from services.deadlines.domain.regime_scope import Declared
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.storage.act_tables import ReachRow
from services.deadlines.storage.calendars import read_in_force
from services.deadlines.storage.lone_cases import Lone, owe_alone
from services.deadlines.storage.reaches import claim_reach, claim_reached, lock_reach
from services.deadlines.storage.regimes import get_regime, lock_regime, standing_regimes
from services.deadlines.use_cases.reach_of_regime import carry_batch, carry_one, ids_of_batch
from shared.audit import record
from shared.telemetry import attached
from shared.transaction import Transaction

ACTOR = "deadlines"


async def carry_through_regime(tx: Transaction, rulebook: Rulebook, now: datetime) -> bool:
    """Derive some cases anew; False when no batch is left for anybody to take."""
    reach = await claim_reach(tx.session)
    if reach is None:
        return False
    regime, cause = await _of_this(tx, rulebook, reach)
    standing = await standing_regimes(tx.session)
    with attached(reach.traceparent):
        batch = await carry_batch(tx, rulebook, regime, standing, cause, now, reach.behind)
    reach.clocks += len(batch.moved)
    _go_on(reach, batch.last, now)
    return True


async def take_reach_apart(tx: Transaction, now: datetime) -> None:
    """Owe each case of the next batch by itself, unless somebody else has taken it."""
    reach = await claim_reach(tx.session)
    if reach is None:
        return
    regime = (await get_regime(tx.session, reach.regime)).declared
    cases, last = await ids_of_batch(tx, regime, reach.behind)
    await owe_alone(tx.session, reach.id, cases, now)
    _go_on(reach, last, now)


async def carry_regime_alone(
    tx: Transaction, rulebook: Rulebook, lone: Lone, now: datetime
) -> None:
    """Derive one case anew that is owed by itself."""
    reach = await lock_reach(tx.session, lone.change)
    _, cause = await _of_this(tx, rulebook, reach)
    standing = await standing_regimes(tx.session)
    with attached(reach.traceparent):
        moved = await carry_one(tx, rulebook, lone.case, standing, cause, now)
    reach.clocks += len(moved)


async def _of_this(tx: Transaction, rulebook: Rulebook, reach: ReachRow) -> tuple[Declared, Cause]:
    """Whom it concerns, and why; nobody declares or changes a regime meanwhile."""
    regime = (await get_regime(tx.session, reach.regime)).declared
    await read_in_force(tx.session, rulebook.shelf)
    return regime, Cause(reach.because, reach.regime, facts={"regime": regime.regime.name})


def _go_on(reach: ReachRow, last: str | None, now: datetime) -> None:
    if last is None:
        reach.all_taken_at = now
    else:
        reach.behind = last


async def end_reach(tx: Transaction, now: datetime) -> bool:
    """Say of one that all of it is done; False when there is none to say it of."""
    reach = await claim_reached(tx.session)
    if reach is None:
        return False
    reach.ended_at = now
    # Of two that end at once, one waits: both go into the trail of the regime.
    await lock_regime(tx.session, reach.regime)
    await record(
        tx,
        actor=ACTOR,
        act="regime.carried-through",
        subject=f"regime:{reach.regime}",
        now=now,
        after={"because": reach.because, "clocks_touched": reach.clocks},
    )
    return True
