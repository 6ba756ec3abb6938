"""Intake's HTTP process: wiring only."""

from services.intake.core import intake_core
from services.intake.entrypoints.case_routes import CASE_ROUTES
from services.intake.entrypoints.draft_routes import DRAFT_ROUTES
from services.intake.entrypoints.ending_routes import ENDING_ROUTES
from services.intake.entrypoints.routes import ROUTES
from services.intake.settings import Settings
from shared.files import service_files
from shared.operations.progress import progress_checks
from shared.operations.routes import operator_routes
from shared.web.app import ServiceApp, service_app


def build_app(settings: Settings) -> ServiceApp:
    """The application, its database pool closed when it ends."""
    core = intake_core(settings)
    operations = operator_routes(core.transactions, core.parking, core.consumer)
    return service_app(
        settings,
        title="Intake",
        routes=[*ROUTES, *CASE_ROUTES, *ENDING_ROUTES, *DRAFT_ROUTES, *operations],
        dependencies={
            "transactions": core.transactions,
            "cipher": core.cipher,
            "files": service_files(settings),
        },
        health=progress_checks(core.transactions),
        on_shutdown=[core.database.dispose],
    )
