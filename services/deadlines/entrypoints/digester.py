"""Sends the daily digests whose hour has come; no transaction is open while it speaks to others."""

import asyncio
from dataclasses import dataclass

import structlog

from services.deadlines.domain.digest import Digest
from services.deadlines.domain.mail import MailState, OwedMail, Told, write_digest
from services.deadlines.entrypoints.mailer import SEND_SECONDS, Mailer
from services.deadlines.storage.digests import (
    claim_digests,
    mark_digest_failed,
    mark_digest_sent,
    sent_and_unrecorded,
)
from services.deadlines.storage.mails import collected_mails, settle_mail
from services.deadlines.use_cases.record_mail_failure import wait_after
from services.deadlines.use_cases.record_mail_sent import record_mail_sent
from services.deadlines.use_cases.take_owed_mails import CLAIMED_FOR
from services.deadlines.use_cases.telling import MESSAGE_DOMAIN
from shared.areas import COUNCIL_AREAS

BATCH = 10
# More than anybody is told of in a day; what is beyond it is in the console.
MOST_TOLD = 500

log = structlog.get_logger()


@dataclass(frozen=True)
class Digester:
    """Writes one mail for each person and day, and records each thing that it told."""

    mailer: Mailer

    async def send_due(self) -> int:
        """Every digest that may be tried now; answers how many there were."""
        tried = 0
        while digests := await self._take():
            for digest in digests:
                await self._try(digest)
            tried += len(digests)
        await self._record()
        return tried

    async def _take(self) -> list[Digest]:
        async with self.mailer.transactions.begin() as tx:
            return await claim_digests(tx.session, self.mailer.clock(), CLAIMED_FOR, BATCH)

    async def _try(self, digest: Digest) -> None:
        message_id = digest.message_id(MESSAGE_DOMAIN)
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._send(digest, message_id)
        # Whatever was in the way, the digest stays owed and is tried again later.
        except Exception as error:  # noqa: BLE001
            log.warning("digest.not-sent", digest=message_id, error=type(error).__name__)
            wait = wait_after(digest.attempts)
            async with self.mailer.transactions.begin() as tx:
                await mark_digest_failed(tx.session, message_id, type(error).__name__, wait)

    async def _send(self, digest: Digest, message_id: str) -> None:
        told = [each for mail in await self._collected(message_id) if (each := self._told(mail))]
        if told:
            mailbox = await self.mailer.directory.mailbox(digest.person)
            letter = write_digest(digest, told)
            post, now = self.mailer.post, self.mailer.clock()
            message = post.enclose(letter, message_id, mailbox or post.support_mailbox, now)
            await self.mailer.transport.send(message, again=digest.attempts > 1)
        async with self.mailer.transactions.begin() as tx:
            await mark_digest_sent(tx.session, message_id, self.mailer.clock())

    async def _collected(self, message_id: str) -> list[OwedMail]:
        """What it tells; what is no longer so is dropped before it is sent."""
        async with self.mailer.transactions.begin() as tx:
            mails = await collected_mails(tx.session, message_id, MOST_TOLD)
            for mail in mails:
                if self._told(mail) is None:
                    await settle_mail(tx.session, mail.message_id, MailState.DROPPED)
            return mails

    def _told(self, mail: OwedMail) -> Told | None:
        clocks = self.mailer.rulebook.clocks(mail.case, self.mailer.clock())
        if not mail.occasion.still_so(clocks):
            return None
        area = COUNCIL_AREAS.get(mail.case.area, mail.case.area)
        return Told(mail, clocks, area, self.mailer.post.link(mail.case))

    async def _record(self) -> None:
        """Also what a process that died in between has left unrecorded."""
        async with self.mailer.transactions.begin() as tx:
            sent = await sent_and_unrecorded(tx.session, BATCH)
        for message_id, person, at in sent:
            async with self.mailer.transactions.begin() as tx:
                mails = await collected_mails(tx.session, message_id, MOST_TOLD)
            for mail in mails:
                async with self.mailer.transactions.begin() as tx:
                    await record_mail_sent(tx, mail, person, at, digest=message_id)
