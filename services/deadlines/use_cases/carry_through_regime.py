"""A regime that was declared, ended or withdrawn reaches the cases that were left, in batches.

What is owed remembers how far it has come: whoever dies in the middle is followed by another. A
case is always put under the regimes that stand by then, so that it does not matter which of two
changes reaches it last.
"""

from datetime import datetime

from services.deadlines.domain.moves import Cause
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.storage.act_tables import ReachRow
from services.deadlines.storage.calendars import read_in_force
from services.deadlines.storage.reaches import claim_reach
from services.deadlines.storage.regimes import find_regime, lock_regime, standing_regimes
from services.deadlines.use_cases.reach_of_regime import carry_batch
from shared.audit import record
from shared.telemetry import attached
from shared.transaction import Transaction

ACTOR = "deadlines"


async def carry_through_regime(tx: Transaction, rulebook: Rulebook, now: datetime) -> bool:
    """Derive some cases anew; False when nothing is owed by anybody here."""
    reach = await claim_reach(tx.session)
    regime = await find_regime(tx.session, reach.regime) if reach else None
    if reach is None or regime is None:
        return False
    # Nobody declares or changes a regime meanwhile.
    await read_in_force(tx.session, rulebook.shelf)
    standing = await standing_regimes(tx.session)
    cause = Cause(reach.because, reach.regime, facts={"regime": regime.declared.regime.name})
    with attached(reach.traceparent):
        batch = await carry_batch(tx, rulebook, regime.declared, standing, cause, now, reach.behind)
    reach.clocks += len(batch.moved)
    if batch.last is None:
        await _end(tx, reach, now)
    else:
        reach.behind = batch.last
    return True


async def _end(tx: Transaction, reach: ReachRow, now: datetime) -> None:
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
