"""What another end of an emergency regime, or its withdrawal, would move; nothing is changed."""

from datetime import date, datetime

from services.deadlines.domain.regime_scope import Declared
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.storage.act_tables import RegimeRow
from services.deadlines.storage.regimes import regime_row, standing_regimes
from services.deadlines.use_cases.change_regime import changeable, declared_of
from services.deadlines.use_cases.end_regime import require_after_start
from services.deadlines.use_cases.reach_of_regime import Reach, foresee
from shared.access.principal import Principal
from shared.transaction import Transaction

# What would move, and the version of the regime that was looked at.
Foreseen = tuple[Reach, int]


async def preview_ending(
    tx: Transaction, rulebook: Rulebook, regime: str, ends: date, by: Principal, now: datetime
) -> Foreseen:
    """As if it held up to and not including `ends`."""
    row = changeable(await regime_row(tx.session, regime), by)
    require_after_start(row, ends)
    return await _with(tx, rulebook, row, [declared_of(row).ending(ends)], now)


async def preview_withdrawal(
    tx: Transaction, rulebook: Rulebook, regime: str, by: Principal, now: datetime
) -> Foreseen:
    """As if it had never been declared."""
    row = changeable(await regime_row(tx.session, regime), by)
    return await _with(tx, rulebook, row, [], now)


async def _with(
    tx: Transaction, rulebook: Rulebook, row: RegimeRow, instead: list[Declared], now: datetime
) -> Foreseen:
    version, concerned = row.version, declared_of(row)
    standing = await standing_regimes(tx.session)
    others = [one for one in standing if one.regime.id != concerned.regime.id]
    return await foresee(tx, rulebook, concerned, [*others, *instead], now), version
