"""Owe the link inspector of the area one mail for a notification."""

from datetime import datetime

from services.deadlines.domain.case import Case
from services.deadlines.domain.mail import About, Occasion
from services.deadlines.storage.mails import Owing, owe_mails
from services.deadlines.use_cases.telling import MESSAGE_DOMAIN
from shared.telemetry import current_traceparent
from shared.transaction import Transaction


async def tell_link_inspector(tx: Transaction, case: Case, now: datetime) -> None:
    """Written in the transaction that makes the mail necessary, and sent after it by the mailer."""
    occasion = Occasion(About.NOTIFICATION)
    message_id = occasion.message_id(case.reference, MESSAGE_DOMAIN)
    await owe_mails(tx.session, [Owing(message_id, case.id, occasion, current_traceparent())], now)
