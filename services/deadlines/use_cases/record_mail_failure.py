"""A mail could not be sent: try again later, and later each time."""

import random
from datetime import datetime, timedelta

from services.deadlines.domain.mail import OwedMail
from services.deadlines.storage.mails import mark_failed
from shared.transaction import Transaction

FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=1)


async def record_mail_failure(
    tx: Transaction, mail: OwedMail, error: Exception, now: datetime
) -> None:
    """A mail is never given up; the wait doubles up to a minute, never all at one moment."""
    await mark_failed(tx.session, mail.message_id, type(error).__name__, now + _wait(mail))


def _wait(mail: OwedMail) -> timedelta:
    longest = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(mail.attempts - 1, 20))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads retries, keeps no secret
