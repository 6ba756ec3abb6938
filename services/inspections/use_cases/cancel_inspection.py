"""Call off a joint inspection, for a reason."""

from collections.abc import Callable
from datetime import datetime

from services.inspections.domain.inspection import Inspection, cancel
from services.inspections.storage.inspections import lock_inspection, save_inspection
from shared.audit import record
from shared.errors import NotFound
from shared.events.inspections import InspectionCancelled
from shared.telemetry import REFERENCE, annotate
from shared.transaction import Transaction


async def cancel_inspection(
    tx: Transaction,
    reference: str,
    reason: str,
    *,
    permit: Callable[[Inspection], None],
    actor: str,
    now: datetime,
) -> Inspection:
    """The cancelled inspection; the reason stays in this service's own table.

    `permit` raises when the caller may not, or meant another version.
    """
    before = await lock_inspection(tx.session, reference)
    if before is None:
        raise NotFound("There is no such inspection.")
    permit(before)
    annotate(**{REFERENCE: reference})
    cancelled = cancel(before, reason)
    await save_inspection(tx.session, cancelled)
    event = InspectionCancelled(reference=reference, areas=list(cancelled.plan.areas))
    await tx.publish(event, subject=reference, key=cancelled.id, sequence=cancelled.version)
    await record(tx, actor=actor, act="inspection cancelled", subject=reference, now=now)
    return cancelled
