"""Claim mails that are owed, to send them once the claim is committed."""

from datetime import timedelta

from services.deadlines.domain.mail import OwedMail
from services.deadlines.storage.mails import claim_mails
from shared.transaction import Transaction

# Longer than every time-out on the way to a sent mail together, so that two never send one.
CLAIMED_FOR = timedelta(seconds=20)


async def take_owed_mails(tx: Transaction, limit: int) -> list[OwedMail]:
    """The mails this process now sends; nobody else takes them before the claim has run out."""
    return await claim_mails(tx.session, CLAIMED_FOR, limit)
