"""A mail was sent: remember it and say so, once."""

from datetime import datetime

from services.deadlines.domain.mail import OwedMail
from services.deadlines.storage.cases import lock_case, save_sequence
from services.deadlines.storage.mails import mark_sent
from shared.events.deadlines import PersonTold
from shared.transaction import Transaction

ROLE = "link-inspector"


async def record_mail_sent(
    tx: Transaction, mail: OwedMail, person: str | None, now: datetime
) -> None:
    """`person` is the directory's id, None where the support team was written to instead."""
    case = await lock_case(tx.session, mail.case.id)
    if case is None or not await mark_sent(tx.session, mail.message_id, person, now):
        return
    case = case.having_told(1)
    await save_sequence(tx.session, case)
    event = PersonTold(
        reference=case.reference,
        area=case.area,
        about=mail.occasion.about.value,
        role=ROLE,
        person=person,
        message_id=mail.message_id,
        told_at=now,
        clock=mail.occasion.clock,
    )
    await tx.publish(event, subject=case.reference, key=case.id, sequence=case.sequence)
