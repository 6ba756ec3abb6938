"""The HTTP process of deadlines: wiring only."""

from litestar.di import Provide

from services.deadlines.entrypoints.act_routes import ACT_ROUTES
from services.deadlines.entrypoints.calendar_routes import CALENDAR_ROUTES
from services.deadlines.entrypoints.choice_routes import CHOICE_ROUTES
from services.deadlines.entrypoints.clock_filter import behind, behind_due, wanted_clocks
from services.deadlines.entrypoints.correction_routes import CORRECTION_ROUTES
from services.deadlines.entrypoints.corrector import CALENDAR_SECONDS, Corrector
from services.deadlines.entrypoints.feed_routes import FEED_ROUTES
from services.deadlines.entrypoints.health import deadlines_checks
from services.deadlines.entrypoints.owners import FeedOwners
from services.deadlines.entrypoints.rebasing_routes import REBASING_ROUTES
from services.deadlines.entrypoints.regime_change_routes import REGIME_CHANGE_ROUTES
from services.deadlines.entrypoints.regime_routes import REGIME_ROUTES
from services.deadlines.entrypoints.routes import ROUTES
from services.deadlines.entrypoints.statistics_asked import period, wish
from services.deadlines.entrypoints.statistics_routes import STATISTICS_ROUTES
from services.deadlines.entrypoints.subscribers import subscribe
from services.deadlines.outside.directory import DirectoryOnDemand
from services.deadlines.settings import Settings
from services.deadlines.storage.rulebook_files import load_rulebook
from services.deadlines.storage.tables import PLUMBING
from shared.access.service_token import ServiceToken
from shared.clock import utc_now
from shared.operations.progress import progress_checks
from shared.operations.routes import operator_routes
from shared.service import Core
from shared.timer import Timer
from shared.web.app import ServiceApp, service_app
from shared.web.client import service_client
from shared.web.pages import paging


def build_app(settings: Settings) -> ServiceApp:
    """The application, not yet connected to anything."""
    core, rulebook = Core.of(settings, PLUMBING), load_rulebook()
    # Here nothing listens; an operator who redrives a parked message needs its subscriber.
    subscribe(core.consumer, rulebook, utc_now)
    calendars = Timer(
        "calendars", CALENDAR_SECONDS, Corrector(core.transactions, rulebook, utc_now).read
    )
    directory = DirectoryOnDemand(
        lambda: service_client(settings.directory_url, ServiceToken(settings))
    )
    operators = operator_routes(core.transactions, core.parking, core.consumer)
    return service_app(
        settings,
        title="Deadlines",
        routes=[
            *ROUTES,
            *ACT_ROUTES,
            *REBASING_ROUTES,
            *CORRECTION_ROUTES,
            *REGIME_ROUTES,
            *REGIME_CHANGE_ROUTES,
            *CALENDAR_ROUTES,
            *STATISTICS_ROUTES,
            *FEED_ROUTES,
            *CHOICE_ROUTES,
            *operators,
        ],
        dependencies={
            "transactions": core.transactions,
            "rulebook": rulebook,
            "settings": settings,
            "directory": Provide(directory.get, sync_to_thread=False),
            "wanted": Provide(wanted_clocks),
            "behind": Provide(behind),
            "behind_due": Provide(behind_due),
            "paging": Provide(paging),
            "period": Provide(period),
            "wish": Provide(wish),
        },
        health=[*progress_checks(core.transactions), *deadlines_checks(core.transactions)],
        before_request=FeedOwners(core.transactions).heard_of,
        on_startup=[calendars.start],
        on_shutdown=[calendars.stop, directory.close, core.database.dispose],
    )
