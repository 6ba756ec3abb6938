"""What a mail would say is no longer so: it is not sent."""

from services.deadlines.domain.mail import MailState, OwedMail
from services.deadlines.storage.mails import settle_mail
from shared.transaction import Transaction


async def drop_mail(tx: Transaction, mail: OwedMail) -> None:
    """Its clock was met, cancelled or paused, or its due date moved, before the mail could go."""
    await settle_mail(tx.session, mail.message_id, MailState.DROPPED)
