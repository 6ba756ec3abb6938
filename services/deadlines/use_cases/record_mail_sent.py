"""A mail was sent: remember it and say so, once."""

from datetime import datetime

from services.deadlines.domain.mail import MailState, OwedMail
from services.deadlines.storage.cases import lock_case, save_sequence
from services.deadlines.storage.mails import settle_mail
from shared.events.deadlines import PersonTold
from shared.transaction import Transaction


async def record_mail_sent(
    tx: Transaction, mail: OwedMail, person: str | None, now: datetime, digest: str | None = None
) -> None:
    """`person` is the directory's id, None where a mailbox of the office was written to.

    `digest` is the id of the one mail that told several things, where that is how it went out.
    """
    case = await lock_case(tx.session, mail.case.id)
    written = {"sent_at": now, "person": person}
    if case is None or not await settle_mail(
        tx.session, mail.message_id, MailState.SENT, **written
    ):
        return
    case = case.having_told(1)
    await save_sequence(tx.session, case)
    occasion = mail.occasion
    event = PersonTold(
        reference=case.reference,
        area=case.area,
        about=occasion.about.value,
        role=occasion.audience.value,
        person=person,
        message_id=digest or mail.message_id,
        told_at=now,
        clock=occasion.clock,
        rung=occasion.rung,
    )
    await tx.publish(event, subject=case.reference, key=case.id, sequence=case.sequence)
