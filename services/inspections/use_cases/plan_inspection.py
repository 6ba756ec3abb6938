"""Plan a joint inspection."""

from datetime import datetime

from uuid_utils import uuid7

from services.inspections.domain.inspection import Inspection
from services.inspections.domain.plan import Proposal, accept
from services.inspections.storage.inspections import add_inspection, next_reference
from services.inspections.storage.reference import reference_data
from shared.audit import record
from shared.clock import london_date
from shared.events.inspections import InspectionPlanned
from shared.telemetry import REFERENCE, annotate
from shared.transaction import Transaction


async def plan_inspection(
    tx: Transaction, proposal: Proposal, *, actor: str, now: datetime
) -> Inspection:
    """The inspection under its new reference, once its plan keeps every rule."""
    plan = accept(proposal, reference_data())
    reference = await next_reference(tx.session, london_date(now).year)
    planned = Inspection(str(uuid7()), reference, plan, now)
    annotate(**{REFERENCE: reference})
    await add_inspection(tx.session, planned)
    event = InspectionPlanned(
        reference=reference,
        theme=plan.theme.value,
        scope=plan.scope.value,
        areas=list(plan.areas),
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
    )
    await tx.publish(event, subject=reference, key=planned.id, sequence=planned.version)
    await record(tx, actor=actor, act="inspection planned", subject=reference, now=now)
    return planned
