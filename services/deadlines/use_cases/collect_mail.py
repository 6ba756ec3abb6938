"""Somebody wants to be told once a day: what they would be told now waits for their digest."""

from datetime import datetime

from services.deadlines.domain.digest import digest_for, following
from services.deadlines.domain.mail import OwedMail
from services.deadlines.storage.digests import collect
from services.deadlines.use_cases.telling import MESSAGE_DOMAIN
from shared.transaction import Transaction


async def collect_mail(
    tx: Transaction, mail: OwedMail, person: str, now: datetime, hour: int
) -> None:
    """Into the next digest that is not closed yet; each closes when it is about to go out."""
    digest = digest_for(person, now, hour)
    while not await collect(
        tx.session, digest, digest.message_id(MESSAGE_DOMAIN), [mail.message_id]
    ):
        digest = following(digest, hour)
