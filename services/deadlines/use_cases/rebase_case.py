"""Move a case that runs to another version of the rules, for a reason; nothing else ever does."""

from services.deadlines.domain.act_limits import reason_errors
from services.deadlines.domain.case import Case
from services.deadlines.domain.moves import Cause
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.storage.calendars import hold_pinned, read_in_force
from services.deadlines.storage.cases import id_of_case, lock_case, move_to_rules
from services.deadlines.use_cases.acting import By
from services.deadlines.use_cases.preview_rebasing import Rebased, gone, refuse, under_version
from services.deadlines.use_cases.recompute import recompute
from shared.audit import record
from shared.errors import NotFound
from shared.events.deadlines import CaseRebased
from shared.transaction import Transaction


async def rebase_case(
    tx: Transaction, rulebook: Rulebook, reference: str, version: str, by: By, act: str
) -> Rebased:
    """The case under the rules of `version`; before and after of every clock are kept."""
    await read_in_force(tx.session, rulebook.shelf)
    case = await _locked(tx, reference, by)
    refuse(rulebook, case, version, reason_errors(by.reason, by.agreed_by))
    await hold_pinned(tx.session, rulebook, [case])
    event = CaseRebased(
        reference=reference, area=case.area, version_before=case.rule_set, version=version, act=act
    )
    after = under_version(rulebook, case, version).having_told(1)
    await tx.publish(event, subject=reference, key=case.id, sequence=after.sequence)
    await move_to_rules(tx.session, after, rulebook.rule_ids(after))
    said = {"version_before": case.rule_set, "version_after": version}
    moved = await recompute(tx, rulebook, (case, after), Cause("rebased", act, facts=said), by.now)
    done = Rebased(case, after, moved, gone(rulebook, case, after, by.now))
    await _audit(tx, done, by)
    return done


async def _locked(tx: Transaction, reference: str, by: By) -> Case:
    found = await id_of_case(tx.session, reference)
    case = await lock_case(tx.session, found) if found else None
    if case is None:
        raise NotFound("There is no such case.")
    by.principal.require_area(case.area, "case")
    by.permit(case.sequence)
    return case


async def _audit(tx: Transaction, done: Rebased, by: By) -> None:
    said = {"agreed_by": by.agreed_by, "clocks_moved": len(done.moved)}
    await record(
        tx,
        actor=by.principal.subject,
        act="case.rebased",
        subject=f"case:{done.before.reference}",
        reason=by.reason,
        before={"version": done.before.rule_set},
        after={"version": done.after.rule_set} | said,
        now=by.now,
    )
