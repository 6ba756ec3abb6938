"""What every service's HTTP application has in common: wiring only."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Litestar
from litestar.exceptions import HTTPException
from litestar.exceptions.base_exceptions import LitestarDeprecationWarning
from litestar.handlers import HTTPRouteHandler
from litestar.types import ControllerRouterHandler, Receive, Scope, Send

from shared.access.guards import require_declared_access
from shared.access.hook import access_hook, checked_by_hook
from shared.access.tokens import token_verifier
from shared.confidential.fields import FieldCipher
from shared.logs import setup_logs
from shared.settings import ServiceSettings
from shared.web.bodies import JsonRequest
from shared.web.dependencies import bound_route, provided
from shared.web.health import Check, health_routes
from shared.web.observed import API_POLICY, Observed
from shared.web.openapi import document_problems, openapi_config
from shared.web.problems import problem_response


class ServiceApp(Litestar):
    """Litestar, observed from the outside: errors of routing and of handlers alike."""

    observed: Observed | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one connection, or the lifespan."""
        if scope["type"] != "http" or self.observed is None:
            await super().__call__(scope, receive, send)
        else:
            await self.observed(scope, receive, send)

    async def unobserved(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What Litestar itself would do."""
        await super().__call__(scope, receive, send)


def service_app(
    settings: ServiceSettings,
    *,
    title: str,
    routes: Sequence[ControllerRouterHandler],
    dependencies: Mapping[str, Any] | None = None,
    health: Sequence[Check] = (),
    content_policy: str = API_POLICY,
    **litestar: Any,
) -> ServiceApp:
    """An application that traces, authenticates, answers problems and documents itself.

    `dependencies` are `Provide`s or plain objects; handlers also get `principal`. What else
    Litestar takes (`lifespan`, `on_shutdown`, `state`, ...) is passed on. An app with a route
    that does not declare its access is not built.
    """
    setup_logs(settings)
    tokens = token_verifier(settings)
    health = [*health, Check("keys", tokens.keys.ready)]
    # Handlers name what they are given by plain parameters; Litestar 3 will want a marker on each.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LitestarDeprecationWarning)
        app = _built(settings, title, routes, dependencies or {}, health, litestar)
    app.state.token_verifier = tokens
    app.state.settings = settings
    app.state.field_cipher = FieldCipher(settings.field_keys) if settings.field_keys else None
    app.observed = Observed(app.unobserved, content_policy)
    require_declared_access(app)
    document_problems(app)
    return app


def _built(
    settings: ServiceSettings,
    title: str,
    routes: Sequence[ControllerRouterHandler],
    dependencies: Mapping[str, Any],
    health: Sequence[Check],
    litestar: dict[str, Any],
) -> ServiceApp:
    handlers = {Exception: problem_response, HTTPException: problem_response}
    return ServiceApp(
        route_handlers=[_ready(route, dependencies) for route in (*routes, *health_routes(health))],
        dependencies=provided(dependencies),
        before_request=access_hook(litestar.pop("before_request", None)),
        exception_handlers=handlers | litestar.pop("exception_handlers", {}),
        request_class=JsonRequest,
        request_max_body_size=settings.max_body_bytes,
        openapi_config=openapi_config(title),
        logging_config=None,
        **litestar,
    )


def _ready(
    route: ControllerRouterHandler, dependencies: Mapping[str, Any]
) -> ControllerRouterHandler:
    """What can be settled before the first request is settled here."""
    if not isinstance(route, HTTPRouteHandler):
        return route
    return bound_route(checked_by_hook(route), dependencies)
