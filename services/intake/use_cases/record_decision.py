"""Record whether a review is undertaken; what that means for the clocks is not ours."""

from datetime import datetime
from uuid import uuid4

from services.intake.domain.case import Case, decision_errors, require_open
from services.intake.domain.timeline import Happening
from services.intake.storage.decisions import Decision, insert_decision
from services.intake.storage.happenings import HAPPENINGS, new_happening
from services.intake.storage.notifications import bump_version, lock_case
from shared.access.principal import Principal
from shared.errors import Invalid
from shared.events.intake import DecisionRecorded
from shared.telemetry import REFERENCE, annotate, current_trace_id
from shared.transaction import Transaction


async def record_decision(
    tx: Transaction,
    reference: str,
    decision: str,
    at: datetime | None,
    by: Principal,
    now: datetime,
) -> Decision:
    """The decision, made at `at` or now; raises `NotFound` or `Invalid`."""
    annotate(**{REFERENCE: reference})
    case = await lock_case(tx.session, reference)
    by.require_area(case.area, "notification")
    require_open(case)
    errors = decision_errors(case, decision, at or now, now)
    if errors:
        raise Invalid(*errors)
    made = Decision(str(uuid4()), decision, at or now, now, by.subject)
    await insert_decision(tx.session, case.id, made)
    tx.write(HAPPENINGS, new_happening(case.id, _happening(case, made)))
    event = DecisionRecorded(
        reference=reference,
        kind=case.kind,
        area=case.area,
        decision=decision,
        decided_at=made.decided_at,
    )
    version = await bump_version(tx.session, case)
    await tx.publish(event, subject=reference, key=case.id, sequence=version)
    return made


def _happening(case: Case, made: Decision) -> Happening:
    return Happening(
        at=made.recorded_at,
        service="intake",
        what="decision.recorded",
        text=case.declared.decisions[made.decision],
        facts={"decision": made.decision, "decided_at": made.decided_at.isoformat()},
        trace_id=current_trace_id(),
    )
