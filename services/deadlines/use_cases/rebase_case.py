"""Move a case that runs to another version of the rules, for a reason; nothing else ever does."""

from dataclasses import replace

from services.deadlines.domain.act_limits import reason_errors
from services.deadlines.domain.case import Case
from services.deadlines.domain.moves import Cause, Moved
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.storage.calendars import read_in_force
from services.deadlines.storage.cases import id_of_case, lock_case, move_to_rules
from services.deadlines.use_cases.acting import By
from services.deadlines.use_cases.recompute import recompute
from shared.audit import record
from shared.errors import Conflict, FieldError, Invalid, NotFound
from shared.events.deadlines import CaseRebased
from shared.transaction import Transaction


async def rebase_case(
    tx: Transaction, rulebook: Rulebook, reference: str, version: str, by: By, act: str
) -> tuple[Case, list[Moved]]:
    """The case under the rules of `version`; before and after of every clock are kept."""
    await read_in_force(tx.session, rulebook.shelf)
    case = await _case(tx, reference, by)
    _check(rulebook, case, version, by)
    after = replace(case, rule_set=version)
    after = after.pinned({**rulebook.pins(after), **case.pins})
    event = CaseRebased(
        reference=reference, area=case.area, version_before=case.rule_set, version=version, act=act
    )
    after = after.having_told(1)
    await tx.publish(event, subject=reference, key=case.id, sequence=after.sequence)
    await move_to_rules(tx.session, after, rulebook.rule_ids(after))
    said = {"version_before": case.rule_set, "version_after": version}
    moved = await recompute(tx, rulebook, (case, after), Cause("rebased", act, facts=said), by.now)
    await _audit(tx, case, version, by, moved)
    return after, moved


async def _case(tx: Transaction, reference: str, by: By) -> Case:
    found = await id_of_case(tx.session, reference)
    case = await lock_case(tx.session, found) if found else None
    if case is None:
        raise NotFound("There is no such case.")
    by.principal.require_area(case.area, "case")
    by.permit(case.sequence)
    return case


def _check(rulebook: Rulebook, case: Case, version: str, by: By) -> None:
    errors = list(reason_errors(by.reason, by.agreed_by))
    rules = rulebook.rule_sets.get(version)
    if rules is None:
        errors.append(FieldError("version", f"must be one of: {', '.join(rulebook.rule_sets)}"))
    elif not rules.of(case.kind):
        errors.append(FieldError("version", f"must be one that has rules for {case.kind}"))
    if errors:
        raise Invalid(*errors)
    if case.rule_set == version:
        raise Conflict(f"The case counts by version {version} already.")


async def _audit(tx: Transaction, case: Case, version: str, by: By, moved: list[Moved]) -> None:
    await record(
        tx,
        actor=by.principal.subject,
        act="case.rebased",
        subject=f"case:{case.reference}",
        reason=by.reason,
        before={"version": case.rule_set},
        after={"version": version, "agreed_by": by.agreed_by, "clocks_moved": len(moved)},
        now=by.now,
    )
