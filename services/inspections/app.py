"""The HTTP process of inspections: wiring only."""

from litestar.di import Provide

from services.inspections.entrypoints.filters import which
from services.inspections.entrypoints.routes import ROUTES
from services.inspections.entrypoints.subscribers import subscribe
from services.inspections.settings import Settings
from services.inspections.storage.tables import PLUMBING
from shared.operations.progress import progress_checks
from shared.operations.routes import operator_routes
from shared.service import Core
from shared.web.app import ServiceApp, service_app
from shared.web.pages import paging


def build_app(settings: Settings) -> ServiceApp:
    """The application, not yet connected to anything."""
    core = Core.of(settings, PLUMBING)
    # Whoever redrives a parked message over HTTP needs the subscriber that takes it.
    subscribe(core.consumer)
    operators = operator_routes(core.transactions, core.parking, core.consumer)
    return service_app(
        settings,
        title="Inspections",
        routes=[*ROUTES, *operators],
        dependencies={
            "transactions": core.transactions,
            "paging": Provide(paging),
            "which": Provide(which),
        },
        health=progress_checks(core.transactions),
        on_shutdown=[core.database.dispose],
    )
