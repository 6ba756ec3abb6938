"""What ending and withdrawing a regime have in common."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.deadlines.domain.act_limits import reason_errors
from services.deadlines.domain.moves import Cause
from services.deadlines.domain.regime_scope import Declared
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.storage.act_tables import RegimeRow
from services.deadlines.storage.calendars import hold_versions
from services.deadlines.storage.regimes import lock_regime, record_of, standing_regimes
from services.deadlines.use_cases.reach_of_regime import Reach, carry_to_cases
from shared.access.principal import Principal
from shared.audit import record
from shared.errors import Conflict, Invalid, NotFound
from shared.events.envelope import Event
from shared.transaction import Transaction


@dataclass(frozen=True, slots=True)
class RegimeChange:
    """Who changes which regime when and why; `permit` raises for another version of it."""

    regime: str
    by: Principal
    reason: str
    now: datetime
    permit: Callable[[int], None]


def changeable(row: RegimeRow | None, by: Principal) -> RegimeRow:
    """The same row; refused where it is another's, or was withdrawn."""
    if row is None or not _is_theirs(row, by):
        raise NotFound("There is no such regime.")
    if row.withdrawn_at is not None:
        raise Conflict("The regime was withdrawn already.")
    return row


async def regime_to_change(tx: Transaction, change: RegimeChange) -> RegimeRow:
    """The row, locked; refused as well where it has changed meanwhile."""
    errors = tuple(reason_errors(change.reason, None))
    if errors:
        raise Invalid(*errors)
    await hold_versions(tx.session)
    row = changeable(await lock_regime(tx.session, change.regime), change.by)
    change.permit(row.version)
    return row


async def carry_change(
    tx: Transaction,
    rulebook: Rulebook,
    change: RegimeChange,
    concerned: Declared,
    because: str,
) -> Reach:
    """Derive every case anew that the regime concerned or concerns."""
    standing = await standing_regimes(tx.session)
    cause = Cause(because, change.regime, facts={"regime": concerned.regime.name})
    return await carry_to_cases(tx, rulebook, concerned, standing, cause, change.now)


async def say_change(
    tx: Transaction,
    change: RegimeChange,
    row: RegimeRow,
    event: Event,
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    """Tell it and write it into the audit trail."""
    what = {True: "regime.withdrawn", False: "regime.ended"}[row.withdrawn_at is not None]
    await tx.publish(event, subject=row.id, key=row.id, sequence=row.version)
    await record(
        tx,
        actor=change.by.subject,
        act=what,
        subject=f"regime:{row.id}",
        reason=change.reason,
        before=before,
        after=after,
        now=change.now,
    )


def _is_theirs(row: RegimeRow, by: Principal) -> bool:
    return by.areas is None or (bool(row.areas) and set(row.areas) <= by.areas)


def declared_of(row: RegimeRow) -> Declared:
    """The regime that a row holds now."""
    return record_of(row).declared
