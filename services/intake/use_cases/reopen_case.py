"""Reopen a case that was closed or withdrawn: it goes on as if it had never ended."""

from services.intake.domain.case import RECEIVED
from services.intake.domain.case_act import CaseAct, Did
from services.intake.storage.case_acts import set_status
from services.intake.use_cases.acting_on_case import By, case_to_act_on, keep_and_tell
from shared.confidential.fields import FieldCipher
from shared.errors import Conflict
from shared.events.intake import CaseReopened
from shared.transaction import Transaction


async def reopen_case(
    tx: Transaction, ring: FieldCipher, reference: str, reason: str, by: By
) -> CaseAct:
    """The reopening; a case that is open is refused."""
    case = await case_to_act_on(tx, reference, by)
    if case.status == RECEIVED:
        raise Conflict("The case is open.")
    await set_status(tx.session, case, RECEIVED)
    made = by.act(Did.REOPENED, reason)
    event = CaseReopened(reference=reference, kind=case.kind, area=case.area, reopened_at=by.now)
    await keep_and_tell(tx, ring, case, made, "The case was reopened.", event)
    return made
