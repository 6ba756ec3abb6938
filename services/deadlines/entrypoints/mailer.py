"""Sends the mails that are owed; no transaction is open while it speaks to others."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

import structlog

from services.deadlines.domain.clock import Clock
from services.deadlines.domain.ladder import Audience
from services.deadlines.domain.mail import OwedMail, write_letter
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.entrypoints.envelopes import Post
from services.deadlines.outside.directory import Directory, LinkInspector
from services.deadlines.outside.mail_transport import MailTransport
from services.deadlines.storage.digests import daily_people
from services.deadlines.use_cases.collect_mail import collect_mail
from services.deadlines.use_cases.drop_mail import drop_mail
from services.deadlines.use_cases.record_mail_failure import record_mail_failure
from services.deadlines.use_cases.record_mail_sent import record_mail_sent
from services.deadlines.use_cases.take_owed_mails import take_owed_mails
from shared.areas import COUNCIL_AREAS
from shared.clock import Clock as Now
from shared.clock import london_date
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
    clock: Now
    digest_hour: int = 8

    async def send_owed(self) -> int:
        """Everything that may be tried now; answers how many mails were tried."""
        tried = 0
        while mails := await self._take():
            ended = await asyncio.gather(*map(self._send_traced, mails), return_exceptions=True)
            _raise_first(ended)
            tried += len(mails)
        return tried

    async def _daily(self) -> frozenset[str]:
        async with self.transactions.begin() as tx:
            return await daily_people(tx.session)

    async def _take(self) -> list[OwedMail]:
        async with self.transactions.begin() as tx:
            return await take_owed_mails(tx, BATCH)

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
                await record_mail_failure(tx, mail, error)

    async def _send(self, mail: OwedMail) -> None:
        now = self.clock()
        clocks = self.rulebook.clocks(mail.case, now)
        if mail.occasion.still_so(clocks):
            await self._deliver(mail, clocks, now)
        else:
            async with self.transactions.begin() as tx:
                await drop_mail(tx, mail)

    async def _deliver(self, mail: OwedMail, clocks: tuple[Clock, ...], now: datetime) -> None:
        async with asyncio.timeout(SEND_SECONDS):
            inspector = await self._inspector(mail, now)
            if inspector and inspector.person in await self._daily():
                await self._collect(mail, inspector.person, now)
            else:
                await self._post(mail, clocks, inspector, now)

    async def _post(
        self,
        mail: OwedMail,
        clocks: tuple[Clock, ...],
        inspector: LinkInspector | None,
        now: datetime,
    ) -> None:
        area = COUNCIL_AREAS.get(mail.case.area, mail.case.area)
        letter = write_letter(mail.occasion, mail.case, clocks, area, self.post.link(mail.case))
        message = self.post.address(letter, mail, inspector, now)
        await self.transport.send(message, again=mail.attempts > 1)
        async with self.transactions.begin() as tx:
            person = inspector.person if inspector else None
            await record_mail_sent(tx, mail, person, self.clock())

    async def _collect(self, mail: OwedMail, person: str, now: datetime) -> None:
        async with self.transactions.begin() as tx:
            await collect_mail(tx, mail, person, now, self.digest_hour)

    async def _inspector(self, mail: OwedMail, now: datetime) -> LinkInspector | None:
        if mail.occasion.audience is not Audience.LINK_INSPECTOR:
            return None
        return await self.directory.link_inspector(mail.case.area, london_date(now))


def _raise_first(ended: list[BaseException | None]) -> None:
    """Raise what went wrong in one of several tasks, once all of them have ended."""
    for error in ended:
        if error is not None:
            raise error
