"""Owe the link inspector of the area one mail for one occasion."""

from datetime import datetime

from services.deadlines.domain.case import Case
from services.deadlines.domain.mail import Occasion
from services.deadlines.storage.mails import owe_mail
from shared.telemetry import current_traceparent
from shared.transaction import Transaction

# Names this system in message ids; it needs no mail server of its own.
MESSAGE_DOMAIN = "deadlines.scrutiny.example.org"


async def tell_link_inspector(
    tx: Transaction, case: Case, occasion: Occasion, now: datetime
) -> None:
    """Written in the transaction that makes the mail necessary, and sent after it by the mailer."""
    message_id = occasion.message_id(case, MESSAGE_DOMAIN)
    await owe_mail(tx.session, message_id, case, occasion, current_traceparent(), now)
