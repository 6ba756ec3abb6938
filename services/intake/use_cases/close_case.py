"""Close a case of which nothing more is expected."""

from services.intake.domain.case import CLOSED, require_open
from services.intake.domain.case_act import CaseAct, Did
from services.intake.storage.case_acts import set_status
from services.intake.use_cases.acting_on_case import By, case_to_act_on, keep_and_tell
from shared.confidential.fields import FieldCipher
from shared.events.intake import CaseClosed
from shared.transaction import Transaction


async def close_case(
    tx: Transaction, ring: FieldCipher, reference: str, reason: str, by: By
) -> CaseAct:
    """The closing; from now on nothing new is taken until the case is reopened."""
    case = await case_to_act_on(tx, reference, by)
    require_open(case)
    await set_status(tx.session, case, CLOSED)
    made = by.act(Did.CLOSED, reason)
    event = CaseClosed(reference=reference, kind=case.kind, area=case.area, closed_at=by.now)
    await keep_and_tell(tx, ring, case, made, "The case was closed.", event)
    return made
