"""The HTTP process of directory: wiring only."""

from litestar.di import Provide

from services.directory.entrypoints.routes import ROUTES
from services.directory.settings import Settings
from services.directory.storage.tables import PLUMBING
from shared.operations.progress import progress_checks
from shared.operations.routes import operator_routes
from shared.service import Core
from shared.web.app import ServiceApp, service_app
from shared.web.pages import paging


def build_app(settings: Settings) -> ServiceApp:
    """The application, not yet connected to anything."""
    core = Core.of(settings, PLUMBING)
    operators = operator_routes(core.transactions, core.parking, core.consumer)
    return service_app(
        settings,
        title="Directory",
        routes=[*ROUTES, *operators],
        dependencies={
            "transactions": core.transactions,
            "cipher": core.cipher,
            "paging": Provide(paging),
        },
        health=progress_checks(core.transactions),
        on_shutdown=[core.database.dispose],
    )
