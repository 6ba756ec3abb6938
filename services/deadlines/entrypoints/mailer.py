"""Sends the mails that are owed; no transaction is open while it speaks to others."""

import asyncio
from dataclasses import dataclass

import structlog

from services.deadlines.domain.mail import OwedMail, write_letter
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.entrypoints.envelopes import Post
from services.deadlines.outside.directory import Directory
from services.deadlines.outside.mail_transport import MailTransport
from services.deadlines.use_cases.record_mail_failure import record_mail_failure
from services.deadlines.use_cases.record_mail_sent import record_mail_sent
from services.deadlines.use_cases.take_owed_mails import take_owed_mails
from shared.areas import COUNCIL_AREAS
from shared.clock import Clock, london_date
from shared.telemetry import AREA, ATTEMPT, MAIL_ID, REFERENCE, SpanKind, attached, span
from shared.transaction import Transactions

BATCH = 10
# One mail from question to answer; well inside the time for which it is claimed.
SEND_SECONDS = 12.0

log = structlog.get_logger()


@dataclass(frozen=True)
class Mailer:
    """Asks directory who is link inspector today, writes to them, and says so."""

    transactions: Transactions
    rulebook: Rulebook
    directory: Directory
    transport: MailTransport
    post: Post
    clock: Clock

    async def send_owed(self) -> int:
        """Everything that may be tried now; answers how many mails were tried."""
        tried = 0
        while mails := await self._take():
            ended = await asyncio.gather(*map(self._send_traced, mails), return_exceptions=True)
            _raise_first(ended)
            tried += len(mails)
        return tried

    async def _take(self) -> list[OwedMail]:
        async with self.transactions.begin() as tx:
            return await take_owed_mails(tx, self.clock(), BATCH)

    async def _send_traced(self, mail: OwedMail) -> None:
        told = {
            MAIL_ID: mail.message_id,
            REFERENCE: mail.case.reference,
            AREA: mail.case.area,
            ATTEMPT: mail.attempts,
        }
        try:
            with attached(mail.traceparent), span("mail", SpanKind.PRODUCER, **told):
                await self._send(mail)
        # Whatever was in the way, the mail stays owed and is tried again later.
        except Exception as error:  # noqa: BLE001
            log.warning("mail.not-sent", mail=mail.message_id, error=type(error).__name__)
            async with self.transactions.begin() as tx:
                await record_mail_failure(tx, mail, error, self.clock())

    async def _send(self, mail: OwedMail) -> None:
        now = self.clock()
        async with asyncio.timeout(SEND_SECONDS):
            inspector = await self.directory.link_inspector(mail.case.area, london_date(now))
            clocks = self.rulebook.clocks(mail.case, now)
            area = COUNCIL_AREAS.get(mail.case.area, mail.case.area)
            link = self.post.link(mail.case)
            letter = write_letter(mail.occasion, mail.case, clocks, area, link)
            await self.transport.send(self.post.address(letter, mail, inspector, now))
        async with self.transactions.begin() as tx:
            person = inspector.person if inspector else None
            await record_mail_sent(tx, mail, person, self.clock())


def _raise_first(ended: list[BaseException | None]) -> None:
    """Raise what went wrong in one of several tasks, once all of them have ended."""
    for error in ended:
        if error is not None:
            raise error
