"""A mail could not be sent: try again later, and later each time."""

import random
from datetime import timedelta

from services.deadlines.domain.mail import OwedMail
from services.deadlines.storage.mails import mark_failed
from shared.transaction import Transaction

FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=1)


async def record_mail_failure(tx: Transaction, mail: OwedMail, error: Exception) -> None:
    """A mail is never given up; the wait doubles up to a minute, never all at one moment."""
    await mark_failed(tx.session, mail.message_id, type(error).__name__, wait_after(mail.attempts))


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts."""
    longest = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(attempts - 1, 20))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads retries, keeps no secret
