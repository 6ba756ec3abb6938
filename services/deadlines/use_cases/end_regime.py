"""Give an emergency regime its end, or another one."""

from datetime import date

from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.storage.act_tables import RegimeRow
from services.deadlines.storage.regimes import RegimeRecord, record_of
from services.deadlines.use_cases.change_regime import (
    RegimeChange,
    carry_change,
    declared_of,
    regime_to_change,
    say_change,
)
from services.deadlines.use_cases.reach_of_regime import Reach
from shared.errors import FieldError, Invalid
from shared.events.deadlines import RegimeEnded
from shared.transaction import Transaction


async def end_regime(
    tx: Transaction, rulebook: Rulebook, change: RegimeChange, ends: date
) -> tuple[RegimeRecord, Reach]:
    """It holds up to and not including `ends`; what ran in it is derived anew."""
    row = await regime_to_change(tx, change)
    require_after_start(row, ends)
    before = row.ends
    row.ends, row.version = ends, row.version + 1
    await tx.session.flush()
    made, version = record_of(row), row.version
    reach = await carry_change(tx, rulebook, change, declared_of(row), "regime-ended")
    event = RegimeEnded(regime=change.regime, ends=ends, clocks_touched=reach.clocks)
    was = {"until": before.isoformat() if before else None}
    after = {"until": ends.isoformat(), "clocks_touched": reach.clocks, "version": version}
    await say_change(tx, change, row, event, was, after)
    return made, reach


def require_after_start(row: RegimeRow, ends: date) -> None:
    """Refuse an end that leaves it no day."""
    if ends <= row.starts:
        raise Invalid(FieldError("until", "must be after the first day; else withdraw the regime"))
