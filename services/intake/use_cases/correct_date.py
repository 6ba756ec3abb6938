"""Put a wrong date right: what it said before stays on record, and everybody who counts is told."""

from dataclasses import replace

from services.intake.domain.case import Case, require_open
from services.intake.domain.case_act import CaseAct, Did
from services.intake.domain.correction import (
    AWARE,
    DECIDED,
    OCCURRED,
    RECEIVED,
    SUBMITTED,
    Correction,
    Dates,
    correction_errors,
)
from services.intake.domain.timeline import correction_text
from services.intake.storage.case_acts import (
    decided_at,
    ratified_at,
    redate,
    redate_decision,
    redate_submission,
    submitted_at,
)
from services.intake.use_cases.acting_on_case import By, case_to_act_on, keep_and_tell
from shared.access.date_corrections import require_corrector
from shared.audit import record
from shared.confidential.fields import FieldCipher
from shared.errors import FieldError, Invalid
from shared.events.intake import DateCorrected
from shared.transaction import Transaction

# Of these there may be several, so the one that is meant must be named.
_NAMED = {
    DECIDED: FieldError("decision", "must be the id of a decision of this case"),
    SUBMITTED: FieldError("submission", "must be the id of a report of this case"),
}


async def correct_date(
    tx: Transaction, ring: FieldCipher, reference: str, asked: Correction, by: By
) -> CaseAct:
    """The correction; `NotAllowed`, `NotFound`, `Conflict` for a closed case, or `Invalid`."""
    require_corrector(by.principal, asked.field)
    case = await case_to_act_on(tx, reference, by)
    require_open(case)
    dates = await _dates(tx, case, asked)
    errors = correction_errors(case, dates, asked, by.now)
    if errors:
        raise Invalid(*errors)
    before = getattr(dates, asked.field)
    made = replace(
        by.act(Did.CORRECTED, asked.reason.strip()),
        field=asked.field,
        before=before,
        after=asked.value,
        decision=asked.decision if asked.field == DECIDED else None,
        submission=asked.submission if asked.field == SUBMITTED else None,
    )
    await _write(tx, case, asked)
    await _audit(tx, case, made)
    text = correction_text(asked.field, before, asked.value)
    await keep_and_tell(tx, ring, case, made, text, _event(case, made))
    return made


async def _dates(tx: Transaction, case: Case, asked: Correction) -> Dates:
    dates = Dates(
        occurred_at=case.occurred_at,
        aware_at=case.aware_at,
        received_at=case.received_at,
        ratified_at=await ratified_at(tx.session, case.id),
        decided_at=await decided_at(tx.session, case, asked.decision),
        submitted_at=await submitted_at(tx.session, case, asked.submission),
    )
    if asked.field in _NAMED and getattr(dates, asked.field) is None:
        raise Invalid(_NAMED[asked.field])
    return dates


async def _write(tx: Transaction, case: Case, asked: Correction) -> None:
    if asked.field in (OCCURRED, AWARE, RECEIVED):
        await redate(tx.session, case, asked.field, asked.value)
    if asked.field == DECIDED and asked.decision is not None:
        await redate_decision(tx.session, asked.decision, asked.value)
    if asked.field == SUBMITTED and asked.submission is not None:
        await redate_submission(tx.session, asked.submission, asked.value)


async def _audit(tx: Transaction, case: Case, made: CaseAct) -> None:
    """Why is with the act, sealed: people may write names into a reason."""
    await record(
        tx,
        actor=made.recorded_by,
        act="date.corrected",
        subject=case.reference,
        now=made.recorded_at,
        before={"field": made.field, "at": made.before and made.before.isoformat()},
        after={"act": made.id, "at": made.after and made.after.isoformat()},
    )


def _event(case: Case, made: CaseAct) -> DateCorrected:
    if made.after is None or made.field is None:
        raise ValueError("a correction says which date it is, and what it says now")
    return DateCorrected(
        reference=case.reference,
        kind=case.kind,
        area=case.area,
        field=made.field,
        before=made.before,
        after=made.after,
        corrected_at=made.recorded_at,
        decision=made.decision,
        submission=made.submission,
    )
