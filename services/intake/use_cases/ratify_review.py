"""Record that the chief officers group ratified a review."""

from dataclasses import replace
from datetime import datetime

from services.intake.domain.case import ratification_errors, require_open
from services.intake.domain.case_act import CaseAct, Did
from services.intake.storage.case_acts import ratified_at
from services.intake.use_cases.acting_on_case import By, case_to_act_on, keep_and_tell
from shared.confidential.fields import FieldCipher
from shared.errors import Conflict, Invalid
from shared.events.intake import ReviewRatified
from shared.transaction import Transaction


async def ratify_review(
    tx: Transaction, ring: FieldCipher, reference: str, at: datetime | None, by: By
) -> CaseAct:
    """The ratification, at `at` or now; once, and corrected where it was wrong."""
    case = await case_to_act_on(tx, reference, by)
    require_open(case)
    moment = at or by.now
    errors = ratification_errors(case, moment, by.now)
    if errors:
        raise Invalid(*errors)
    if await ratified_at(tx.session, case.id) is not None:
        raise Conflict("The ratification is recorded already: correct ratified_at if it is wrong.")
    made = replace(by.act(Did.RATIFIED), after=moment)
    event = ReviewRatified(reference=reference, kind=case.kind, area=case.area, ratified_at=moment)
    text = "The chief officers group ratified the review."
    await keep_and_tell(tx, ring, case, made, text, event)
    return made
