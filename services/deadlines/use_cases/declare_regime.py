"""Declare an emergency regime: one act that reaches every case it covers, now and later."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

import uuid_utils

from services.deadlines.domain.act_limits import MOST_UNITS, reason_errors
from services.deadlines.domain.facts import Extension, Regime
from services.deadlines.domain.moves import Cause
from services.deadlines.domain.regime_scope import Declared
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.domain.rules import RuleSet
from services.deadlines.storage.calendars import hold_versions
from services.deadlines.storage.regimes import RegimeRecord, add_regime, standing_regimes
from services.deadlines.use_cases.reach_of_regime import Reach, carry_to_cases, foresee
from shared.access.principal import Principal
from shared.areas import COUNCIL_AREAS
from shared.audit import record
from shared.errors import FieldError, Invalid
from shared.events.deadlines import RegimeDeclared
from shared.transaction import Transaction

LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class RegimeAsked:
    """What somebody wants to declare; empty `kinds` or `areas` mean all of them."""

    name: str
    kinds: tuple[str, ...]
    areas: tuple[str, ...]
    starts: date
    ends: date | None
    extensions: tuple[Extension, ...]
    reason: str
    agreed_by: str

    def declared(self, regime: str) -> Declared:
        """The regime under an id."""
        amounts = tuple(sorted(self.extensions, key=lambda one: one.obligation))
        made = Regime(regime, self.name.strip(), self.starts, self.ends, amounts)
        return Declared(made, tuple(sorted(self.kinds)), tuple(sorted(self.areas)))


async def preview_regime(
    tx: Transaction, rulebook: Rulebook, asked: RegimeAsked, by: Principal, now: datetime
) -> Reach:
    """Which clocks it would touch, and how; nothing is declared."""
    _check(rulebook.in_force, asked, by)
    proposed = asked.declared(str(uuid_utils.uuid7()))
    standing = await standing_regimes(tx.session)
    return await foresee(tx, rulebook, proposed, [*standing, proposed], now)


async def declare_regime(
    tx: Transaction, rulebook: Rulebook, asked: RegimeAsked, by: Principal, now: datetime
) -> tuple[RegimeRecord, Reach]:
    """Write it, extend what ran in it, and hold it for what will be notified."""
    _check(rulebook.in_force, asked, by)
    # Nobody starts a clock meanwhile: a case begun now would otherwise miss the regime.
    await hold_versions(tx.session)
    declared = asked.declared(str(uuid_utils.uuid7()))
    made = RegimeRecord(declared, asked.reason, asked.agreed_by, now, by.subject)
    await add_regime(tx.session, made)
    standing = await standing_regimes(tx.session)
    cause = Cause("regime-declared", declared.regime.id, facts={"regime": declared.regime.name})
    reach = await carry_to_cases(tx, rulebook, declared, standing, cause, now)
    await _say(tx, made, reach)
    return made, reach


async def _say(tx: Transaction, made: RegimeRecord, reach: Reach) -> None:
    declared, regime = made.declared, made.declared.regime
    about = {
        "kinds": list(declared.kinds),
        "areas": list(declared.areas),
        "clocks_touched": reach.clocks,
    }
    event = RegimeDeclared(regime=regime.id, starts=regime.starts, ends=regime.ends, **about)
    await tx.publish(event, subject=regime.id, key=regime.id, sequence=made.version)
    said = {
        "name": regime.name,
        "from": regime.starts.isoformat(),
        "until": regime.ends.isoformat() if regime.ends else None,
        "extensions": {one.obligation: one.amount for one in regime.amounts},
        "agreed_by": made.agreed_by,
    }
    await record(
        tx,
        actor=made.declared_by,
        act="regime.declared",
        subject=f"regime:{regime.id}",
        reason=made.reason,
        after=about | said,
        now=made.declared_at,
    )


def _check(rules: RuleSet, asked: RegimeAsked, by: Principal) -> None:
    errors = [*_scope_errors(rules, asked), *_extension_errors(rules, asked)]
    errors += [*_own_errors(asked, by), *reason_errors(asked.reason, asked.agreed_by)]
    if errors:
        raise Invalid(*errors)


def _scope_errors(rules: RuleSet, asked: RegimeAsked) -> Iterator[FieldError]:
    if not 1 <= len(asked.name.strip()) <= LONGEST_NAME:
        yield FieldError("name", f"must be 1 to {LONGEST_NAME} characters long")
    if asked.ends is not None and asked.ends <= asked.starts:
        yield FieldError("until", "must be after from")
    for number, kind in enumerate(asked.kinds):
        if kind not in rules.by_kind:
            yield FieldError(f"kinds[{number}]", f"must be one of: {', '.join(rules.by_kind)}")
    for number, area in enumerate(asked.areas):
        if area not in COUNCIL_AREAS:
            yield FieldError(f"areas[{number}]", "must be the GSS code of a council area")


def _own_errors(asked: RegimeAsked, by: Principal) -> Iterator[FieldError]:
    if by.areas is None:
        return
    if not asked.areas or not set(asked.areas) <= by.areas:
        yield FieldError("areas", "must be areas that are yours; leave none out")


def _extension_errors(rules: RuleSet, asked: RegimeAsked) -> Iterator[FieldError]:
    kinds = asked.kinds or tuple(rules.by_kind)
    known = sorted({name for kind in kinds for name in rules.obligations(kind)})
    seen: set[str] = set()
    for number, one in enumerate(asked.extensions):
        field = f"extensions[{number}]"
        if one.obligation not in known:
            yield FieldError(f"{field}.obligation", f"must be one of: {', '.join(known)}")
        if one.obligation in seen:
            yield FieldError(f"{field}.obligation", "must be named once")
        if not 1 <= one.amount <= MOST_UNITS:
            yield FieldError(f"{field}.amount", f"must be between 1 and {MOST_UNITS}")
        seen.add(one.obligation)
