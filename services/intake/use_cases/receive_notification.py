"""Accept a notification: decide, save what is personal encrypted, and tell the others."""

from dataclasses import dataclass
from datetime import datetime

from uuid_utils import uuid7

from services.intake.domain.case import Case
from services.intake.domain.notification import Submission, submission_errors
from services.intake.domain.reference import new_reference
from services.intake.domain.sealed import Personal
from services.intake.domain.timeline import Happening
from services.intake.storage.happenings import HAPPENINGS, new_happening
from services.intake.storage.notifications import NEW_CASES, new_case
from services.intake.storage.sealing import new_case_key, seal_personal
from shared.clock import london_date
from shared.confidential.fields import FieldCipher
from shared.errors import FieldError, Invalid, NotAllowed
from shared.events.intake import NotificationReceived
from shared.telemetry import AREA, KIND, REFERENCE, annotate, current_trace_id
from shared.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends: a person's subject, or a partner by its topic; `areas` None is all."""

    name: str
    areas: frozenset[str] | None
    partner: str | None = None


async def receive_notification(
    tx: Transaction, ring: FieldCipher, submission: Submission, sender: Sender, now: datetime
) -> Case:
    """The accepted case; raises `Invalid` with every broken rule, or `NotAllowed` for its area."""
    errors = submission_errors(submission, now)
    if errors:
        raise Invalid(*errors)
    _require_area(sender, submission.area)
    case = _new_case(submission, sender, now)
    key = new_case_key(ring, case.id)
    sealed = seal_personal(key.cipher, case.id, _personal(submission))
    tx.write(NEW_CASES, new_case(case, record_key=key.wrapped, personal=sealed))
    tx.write(HAPPENINGS, new_happening(case.id, _received(case, submission)))
    await tx.publish(
        _event(case, submission), subject=case.reference, key=case.id, sequence=case.version
    )
    annotate(**{REFERENCE: case.reference, AREA: case.area, KIND: case.kind})
    return case


def _require_area(sender: Sender, area: str) -> None:
    if sender.areas is not None and area not in sender.areas:
        rule = "must be an area that you may notify for"
        raise NotAllowed("You may not notify for this area.", (FieldError("area", rule),))


def _new_case(submission: Submission, sender: Sender, now: datetime) -> Case:
    return Case(
        # By time, so that new rows of a large index lie beside each other.
        id=str(uuid7()),
        reference=new_reference(london_date(now).year),
        kind=submission.kind,
        area=submission.area,
        status="received",
        occurred_at=submission.occurred_at,
        aware_at=submission.aware,
        received_at=now,
        version=1,
        sent_by=sender.name,
        partner=sender.partner,
    )


def _personal(submission: Submission) -> Personal:
    return Personal(
        notifier=submission.notifier,
        subject=submission.subject,
        details=dict(submission.details),
        late_reason=submission.late_reason,
    )


def _received(case: Case, submission: Submission) -> Happening:
    by = f"from the system of partner {case.partner}" if case.partner else "over the web"
    return Happening(
        at=case.received_at,
        service="intake",
        what="notification.received",
        text=f"The notification ({case.declared.title}) was received {by}.",
        facts={"kind": case.kind, "late_reason_given": submission.late_reason is not None},
        trace_id=current_trace_id(),
    )


def _event(case: Case, submission: Submission) -> NotificationReceived:
    return NotificationReceived(
        reference=case.reference,
        kind=case.kind,
        area=case.area,
        occurred_at=case.occurred_at,
        aware_at=case.aware_at,
        received_at=case.received_at,
        late_reason_given=submission.late_reason is not None,
        partner=case.partner,
    )
