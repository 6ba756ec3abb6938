"""The console's HTTP process: wiring only."""

from typing import Any

from litestar.di import Provide

from services.console.apis import Apis
from services.console.entrypoints.calendar_routes import calendar_routes, feed_routes
from services.console.entrypoints.case_act_routes import case_act_routes
from services.console.entrypoints.chain_routes import health_routes, parked_routes, trace_routes
from services.console.entrypoints.correction_routes import correction_routes
from services.console.entrypoints.deadline_routes import deadline_routes
from services.console.entrypoints.due_routes import due_routes
from services.console.entrypoints.figure_routes import figure_routes
from services.console.entrypoints.mistakes import HANDLERS
from services.console.entrypoints.page_routes import page_routes
from services.console.entrypoints.rebasing_routes import rebasing_routes
from services.console.entrypoints.receiver import receiver_route
from services.console.entrypoints.regime_declaring_routes import regime_declaring_routes
from services.console.entrypoints.regime_ending_routes import regime_ending_routes
from services.console.entrypoints.regime_routes import regime_routes
from services.console.entrypoints.reminder_routes import reminder_routes
from services.console.entrypoints.render import CONTENT_POLICY
from services.console.entrypoints.rule_routes import rule_routes
from services.console.entrypoints.sign_in_routes import SignInParts, sign_in_routes
from services.console.entrypoints.signed_in import provide_viewer
from services.console.entrypoints.static_files import static_route
from services.console.entrypoints.what_if_routes import what_if_routes
from services.console.identity_provider import IdentityProvider
from services.console.issuer.codes import Codes
from services.console.issuer.issuer import Issuer
from services.console.issuer.routes import issuer_routes
from services.console.settings import Settings
from shared.access.tokens import token_verifier
from shared.clock import utc_now
from shared.confidential.fields import FieldCipher
from shared.database import Database
from shared.web.app import ServiceApp, service_app
from shared.web.health import database_check


def build_app(settings: Settings) -> ServiceApp:
    """Pages, the receiver of spans and, in the embedded stack, the development issuer."""
    if settings.field_keys is None:
        raise ValueError("SCRUTINY_FIELD_KEYS is not set: access tokens are not stored in clear")
    issuer = Issuer.of(settings)
    database = Database(settings.database_url.get_secret_value(), name="console")
    apis, verifier = Apis(settings), token_verifier(settings)
    provider = IdentityProvider(settings, verifier)
    parts = SignInParts(settings, database, FieldCipher(settings.field_keys), provider, utc_now)
    routes: list[Any] = [
        *page_routes(apis, settings.mail_folder),
        *case_act_routes(apis),
        *correction_routes(apis, utc_now),
        *figure_routes(apis),
        *calendar_routes(apis),
        *feed_routes(apis),
        *due_routes(apis, utc_now),
        *deadline_routes(apis, utc_now),
        *what_if_routes(apis, utc_now),
        *rule_routes(apis),
        *rebasing_routes(apis),
        *regime_routes(apis, utc_now),
        *regime_declaring_routes(apis),
        *regime_ending_routes(apis, utc_now),
        *reminder_routes(apis, utc_now),
        *trace_routes(database, utc_now),
        *health_routes(apis),
        *parked_routes(apis),
        *sign_in_routes(parts),
        receiver_route(database, settings.traces_token, utc_now),
        static_route(),
        *(issuer_routes(issuer, utc_now, Codes()) if issuer else ()),
    ]
    app = service_app(
        settings,
        title="Strategic Scrutiny: console",
        routes=routes,
        dependencies={"viewer": Provide(provide_viewer)},
        health=[database_check(database)],
        content_policy=CONTENT_POLICY,
        exception_handlers=HANDLERS,
        on_shutdown=[apis.close, database.dispose],
    )
    app.state.database = database
    return app
