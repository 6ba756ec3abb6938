"""The background of deadlines: wiring only."""

from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.entrypoints.corrector import CALENDAR_SECONDS, Corrector
from services.deadlines.entrypoints.digester import Digester
from services.deadlines.entrypoints.envelopes import Post
from services.deadlines.entrypoints.mailer import Mailer
from services.deadlines.entrypoints.regime_carrier import REGIME_SECONDS, RegimeCarrier
from services.deadlines.entrypoints.subscribers import subscribe
from services.deadlines.entrypoints.sweeper import Sweeper
from services.deadlines.outside.directory import Directory
from services.deadlines.outside.mail_transport import mail_transport
from services.deadlines.settings import Settings
from services.deadlines.storage.rulebook_files import load_rulebook
from services.deadlines.storage.tables import PLUMBING
from shared.access.service_token import ServiceToken
from shared.clock import utc_now
from shared.service import Core
from shared.timer import Timer
from shared.web.client import service_client
from shared.worker import Worker


class MailTimer(Timer):
    """Sends owed mails every so often; lets go of the directory at the end."""

    def __init__(self, mailer: Mailer, seconds: float) -> None:
        super().__init__("mailer", seconds, mailer.send_owed)
        self._mailer = mailer

    async def stop(self) -> None:
        """Stop sending; a mail in hand is claimed and will be tried again."""
        await super().stop()
        await self._mailer.directory.close()


def build_worker(settings: Settings) -> Worker:
    """Relay, subscribers, sweeper and mailer."""
    core = Core.of(settings, PLUMBING)
    rulebook = load_rulebook()
    subscribe(core.consumer, rulebook, utc_now)
    sweeper = Sweeper(core.transactions, rulebook, utc_now)
    corrector = Corrector(core.transactions, rulebook, utc_now)
    carrier = RegimeCarrier(core.transactions, rulebook, utc_now)
    mailer = _mailer(settings, core, rulebook)
    return core.worker(
        Timer("sweeper", settings.sweep_seconds, sweeper.sweep),
        Timer("calendars", CALENDAR_SECONDS, corrector.read),
        Timer("corrections", CALENDAR_SECONDS, corrector.carry_through),
        Timer("regimes", REGIME_SECONDS, carrier.carry_through),
        MailTimer(mailer, settings.mail_seconds),
        Timer("digests", settings.mail_seconds, Digester(mailer).send_due),
    )


def _mailer(settings: Settings, core: Core, rulebook: Rulebook) -> Mailer:
    if settings.mail_url is None:
        raise ValueError("SCRUTINY_MAIL_URL is not set: link inspectors could not be told anything")
    return Mailer(
        transactions=core.transactions,
        rulebook=rulebook,
        directory=Directory(service_client(settings.directory_url, ServiceToken(settings))),
        transport=mail_transport(settings.mail_url.get_secret_value()),
        post=Post(
            settings.mail_from,
            settings.support_mailbox,
            settings.console_url,
            settings.chief_mailbox,
        ),
        clock=utc_now,
        digest_hour=settings.digest_hour,
    )
