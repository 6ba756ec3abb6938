"""Answer one message of a partner's system: accepted or refused, and a repeat as the first time."""

from dataclasses import dataclass, replace
from datetime import datetime

from services.intake.domain.notification import Submission
from services.intake.storage.partner_messages import (
    Answered,
    find_answer,
    keep_answer,
)
from services.intake.use_cases.receive_notification import Sender, receive_notification
from shared.confidential.fields import FieldCipher
from shared.errors import FieldError, Invalid, Refused
from shared.events.partners import (
    NotificationAccepted,
    NotificationRefused,
    Problem,
    ProblemField,
)
from shared.events.topics import partner_receipts
from shared.transaction import Transaction

Receipt = NotificationAccepted | NotificationRefused


@dataclass(frozen=True, slots=True)
class PartnerMessage:
    """One message as it came: `content` is the submission, or why it could not be read.

    `digest` is what a repeat of it has again; `raw` is all of it, as it is kept when refused.
    """

    partner: str
    message_id: str
    key: str
    digest: bytes
    raw: bytes
    content: Submission | Refused


async def take_partner_message(
    tx: Transaction, ring: FieldCipher, message: PartnerMessage, sender: Sender, now: datetime
) -> Receipt:
    """The receipt, published to the partner; the same message again gets the same receipt."""
    before = await find_answer(tx.session, message.partner, message.message_id)
    if before is None:
        receipt = await _decide(tx, ring, message, sender, now)
        await keep_answer(tx.session, ring, _answered(message, receipt), now)
    elif before.digest == message.digest:
        receipt = before.receipt
    else:
        receipt = await _refuse_reuse(tx, ring, message, now)
    await tx.publish(
        receipt,
        subject=_subject(receipt),
        key=message.key,
        sequence=1,
        topic=partner_receipts(message.partner),
    )
    return receipt


async def _decide(
    tx: Transaction, ring: FieldCipher, message: PartnerMessage, sender: Sender, now: datetime
) -> Receipt:
    if isinstance(message.content, Refused):
        return _refused(message, message.content)
    try:
        # Refusals are decided before the first statement, so nothing is half done here.
        case = await receive_notification(tx, ring, message.content, sender, now)
    except Refused as refusal:
        return _refused(message, refusal)
    return NotificationAccepted(
        in_reply_to=message.message_id, reference=case.reference, received_at=case.received_at
    )


async def _refuse_reuse(
    tx: Transaction, ring: FieldCipher, message: PartnerMessage, now: datetime
) -> NotificationRefused:
    """The first message stands; what came later under its id is kept beside it, once."""
    receipt = _refused(message, _reused())
    beside = replace(message, message_id=f"{message.message_id} {message.digest.hex()}")
    if await find_answer(tx.session, message.partner, beside.message_id) is None:
        await keep_answer(tx.session, ring, _answered(beside, receipt), now)
    return receipt


def _subject(receipt: Receipt) -> str:
    accepted = isinstance(receipt, NotificationAccepted)
    return receipt.reference if accepted else receipt.in_reply_to


def _refused(message: PartnerMessage, refusal: Refused) -> NotificationRefused:
    problem = Problem(
        type=refusal.problem_type(),
        title=refusal.title,
        status=refusal.status,
        detail=refusal.detail,
        errors=[ProblemField(field=error.field, rule=error.rule) for error in refusal.errors],
    )
    return NotificationRefused(in_reply_to=message.message_id, problem=problem)


def _reused() -> Invalid:
    return Invalid(FieldError("ce_id", "was used before for another message"))


def _answered(message: PartnerMessage, receipt: Receipt) -> Answered:
    refused = isinstance(receipt, NotificationRefused)
    return Answered(
        partner=message.partner,
        message_id=message.message_id,
        digest=message.digest,
        receipt=receipt,
        record=message.raw if refused else None,
    )
