"""Put a wrong date right: what it said before stays on record, and everybody who counts is told."""

from dataclasses import replace

from services.intake.domain.case import Case, require_open
from services.intake.domain.case_act import CaseAct, Did
from services.intake.domain.correction import (
    AWARE,
    DECIDED,
    OCCURRED,
    Correction,
    Dates,
    correction_errors,
)
from services.intake.domain.timeline import correction_text
from services.intake.storage.case_acts import decided_at, ratified_at, redate, redate_decision
from services.intake.use_cases.acting_on_case import By, case_to_act_on, keep_and_tell
from shared.confidential.fields import FieldCipher
from shared.errors import FieldError, Invalid
from shared.events.intake import DateCorrected
from shared.transaction import Transaction


async def correct_date(
    tx: Transaction, ring: FieldCipher, reference: str, asked: Correction, by: By
) -> CaseAct:
    """The correction; raises `NotFound`, `Conflict` for a closed case, or `Invalid`."""
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
    )
    await _write(tx, case, asked)
    text = correction_text(asked.field, before, asked.value)
    await keep_and_tell(tx, ring, case, made, text, _event(case, made))
    return made


async def _dates(tx: Transaction, case: Case, asked: Correction) -> Dates:
    if asked.field == DECIDED and asked.decision is None:
        raise Invalid(FieldError("decision", "must be the id of the decision whose date is wrong"))
    decided = await decided_at(tx.session, case, asked.decision)
    if asked.field == DECIDED and decided is None:
        raise Invalid(FieldError("decision", "must be the id of a decision of this case"))
    ratified = await ratified_at(tx.session, case.id)
    return Dates(case.occurred_at, case.aware_at, ratified, decided)


async def _write(tx: Transaction, case: Case, asked: Correction) -> None:
    if asked.field in (OCCURRED, AWARE):
        await redate(tx.session, case, asked.field, asked.value)
    if asked.field == DECIDED and asked.decision is not None:
        await redate_decision(tx.session, asked.decision, asked.value)


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
    )
