"""What another version of the rules would make of a case that runs; nothing is changed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from services.deadlines.domain.case import Case
from services.deadlines.domain.clock import Clock
from services.deadlines.domain.moves import Moved
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.storage.calendars import hold_pinned, read_newest
from services.deadlines.use_cases.known_case import readable_case
from services.deadlines.use_cases.recompute import compare
from shared.access.principal import Principal
from shared.errors import Conflict, FieldError, Invalid
from shared.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Rebased:
    """A case under either version: every clock it has after, and those it then has no more."""

    before: Case
    after: Case
    moved: list[Moved]
    gone: list[Clock]


async def preview_rebasing(
    tx: Transaction,
    rulebook: Rulebook,
    reference: str,
    version: str,
    reader: Principal,
    now: datetime,
) -> Rebased:
    """Every clock as it stands, and as it would stand."""
    await read_newest(tx.session, rulebook.shelf)
    case = await readable_case(tx, reference, reader)
    refuse(rulebook, case, version)
    await hold_pinned(tx.session, rulebook, [case])
    after = under_version(rulebook, case, version)
    moved = [one for one in compare(rulebook, case, after, now) if one.differs]
    return Rebased(case, after, moved, gone(rulebook, case, after, now))


def under_version(rulebook: Rulebook, case: Case, version: str) -> Case:
    """The case counting by another version; only rules it had not are pinned anew."""
    after = replace(case, rule_set=version)
    return after.pinned({**rulebook.pins(after), **case.pins})


def gone(rulebook: Rulebook, before: Case, after: Case, now: datetime) -> list[Clock]:
    """The clocks of rules that the case has not any more."""
    left = set(rulebook.rule_ids(after))
    return [clock for clock in rulebook.clocks(before, now) if clock.rule.id not in left]


def refuse(rulebook: Rulebook, case: Case, version: str, more: Iterable[FieldError] = ()) -> None:
    """Raise where the case cannot count by this version, or does already."""
    errors = list(more)
    rules = rulebook.rule_sets.get(version)
    if rules is None:
        errors.append(FieldError("version", f"must be one of: {', '.join(rulebook.rule_sets)}"))
    elif not rules.of(case.kind):
        errors.append(FieldError("version", f"must be one that has rules for {case.kind}"))
    if errors:
        raise Invalid(*errors)
    if case.rule_set == version:
        raise Conflict(f"The case counts by version {version} already.")
