"""Change the plan of a joint inspection."""

from collections.abc import Callable
from datetime import datetime

from services.inspections.domain.inspection import Inspection, change
from services.inspections.domain.plan import Proposal, accept
from services.inspections.storage.inspections import lock_inspection, save_inspection
from services.inspections.storage.reference import reference_data
from shared.audit import record
from shared.errors import NotFound
from shared.events.inspections import InspectionChanged
from shared.telemetry import REFERENCE, annotate
from shared.transaction import Transaction


async def change_inspection(
    tx: Transaction,
    reference: str,
    proposal: Proposal,
    *,
    permit: Callable[[Inspection], None],
    actor: str,
    now: datetime,
) -> Inspection:
    """The changed inspection; `permit` raises when the caller may not, or meant another version.

    A plan that changes nothing leaves the version as it is and is no event.
    """
    before = await lock_inspection(tx.session, reference)
    if before is None:
        raise NotFound("There is no such inspection.")
    permit(before)
    annotate(**{REFERENCE: reference})
    after, changed = change(before, accept(proposal, reference_data()))
    if changed:
        await save_inspection(tx.session, after)
        event = _event(after, changed)
        await tx.publish(event, subject=reference, key=after.id, sequence=after.version)
        facts = {"changed": changed, "version": after.version}
        await record(
            tx, actor=actor, act="inspection changed", subject=reference, now=now, after=facts
        )
    return after


def _event(after: Inspection, changed: list[str]) -> InspectionChanged:
    plan = after.plan
    return InspectionChanged(
        reference=after.reference,
        theme=plan.theme.value,
        scope=plan.scope.value,
        areas=list(plan.areas),
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        changed=changed,
    )
