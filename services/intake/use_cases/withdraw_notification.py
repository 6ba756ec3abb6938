"""Withdraw what turned out not to be notifiable; it stays on record, and its clocks end."""

from services.intake.domain.case import WITHDRAWN, require_open
from services.intake.domain.case_act import CaseAct, Did
from services.intake.storage.case_acts import set_status
from services.intake.use_cases.acting_on_case import By, case_to_act_on, keep_and_tell
from shared.confidential.fields import FieldCipher
from shared.events.intake import NotificationWithdrawn
from shared.transaction import Transaction


async def withdraw_notification(
    tx: Transaction, ring: FieldCipher, reference: str, reason: str, by: By
) -> CaseAct:
    """The withdrawal; a case that has ended already is refused."""
    case = await case_to_act_on(tx, reference, by)
    require_open(case)
    await set_status(tx.session, case, WITHDRAWN)
    made = by.act(Did.WITHDRAWN, reason)
    event = NotificationWithdrawn(
        reference=reference, kind=case.kind, area=case.area, withdrawn_at=by.now
    )
    await keep_and_tell(tx, ring, case, made, "The notification was withdrawn.", event)
    return made
