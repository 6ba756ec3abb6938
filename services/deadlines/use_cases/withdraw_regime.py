"""Undo an emergency regime: clocks count as if it had never been declared."""

from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.storage.regimes import RegimeRecord, record_of
from services.deadlines.use_cases.change_regime import (
    RegimeChange,
    carry_change,
    declared_of,
    regime_to_change,
    say_change,
)
from services.deadlines.use_cases.reach_of_regime import Reach
from shared.events.deadlines import RegimeWithdrawn
from shared.transaction import Transaction


async def withdraw_regime(
    tx: Transaction, rulebook: Rulebook, change: RegimeChange
) -> tuple[RegimeRecord, Reach]:
    """It stays on record as withdrawn."""
    row = await regime_to_change(tx, change)
    row.withdrawn_at, row.version = change.now, row.version + 1
    await tx.session.flush()
    made = record_of(row)
    reach = await carry_change(tx, rulebook, change, declared_of(row), "regime-withdrawn")
    event = RegimeWithdrawn(regime=change.regime, clocks_touched=reach.clocks)
    after = {"clocks_touched": reach.clocks}
    await say_change(tx, change, row, event, {"withdrawn": False}, after | {"withdrawn": True})
    return made, reach
