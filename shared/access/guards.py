"""Each route says once who may call it; an app with a route that does not cannot be built."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.routes import BaseRoute

from shared.access.principal import CASE_READERS, Principal, Role
from shared.access.tokens import TokenVerifier
from shared.errors import NotAllowed, NotFound, Unauthenticated

Connection = ASGIConnection[Any, Any, Any, Any]
# Where a handler keeps an access that `hook.py` checks.
ACCESS = "access"


@dataclass(frozen=True)
class Access:
    """Who may call a route: these roles, or with None anybody at all."""

    roles: frozenset[Role] | None
    loopback: bool = False

    async def __call__(self, connection: Connection, _: BaseRouteHandler | None = None) -> None:
        """Check the caller and leave the principal on the connection, before anything is read."""
        if self.loopback and not _is_near(connection):
            raise NotFound("There is no such thing.")
        if self.roles is not None:
            principal = await authenticate(connection)
            connection.scope["user"] = principal
            if self.roles.isdisjoint(principal.roles):
                named = ", ".join(sorted(self.roles))
                raise NotAllowed(f"This needs one of these roles: {named}.")


def allow(*roles: Role) -> Access:
    """Only people with one of these roles."""
    return Access(frozenset(roles))


allow_signed_in = Access(frozenset(Role))
allow_case_readers = Access(CASE_READERS)
anonymous = Access(None)
loopback_only = Access(None, loopback=True)


async def authenticate(connection: Connection) -> Principal:
    """The principal of the connection's bearer token."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if not token:
        raise Unauthenticated("Send a bearer token in the Authorization header.")
    if scheme.lower() != "bearer":
        raise Unauthenticated("Only bearer tokens are accepted in the Authorization header.")
    verifier: TokenVerifier = connection.app.state.token_verifier
    return await verifier.principal(token.strip())


def declared_access(handler: BaseRouteHandler) -> list[Access]:
    """Who may call it: one of them, if it is in order."""
    guards = [guard for guard in handler.resolve_guards() if isinstance(guard, Access)]
    hooked = handler.opt.get(ACCESS)
    return guards + ([hooked] if hooked else [])


def require_declared_access(app: Litestar) -> None:
    """Refuse to go on with an app in which some route declares no access or two, or hides it."""
    wrong = [f"{method} {path}" for method, path, found in _declared(app) if len(found) != 1]
    if wrong:
        raise RuntimeError(f"these routes must declare exactly one access: {', '.join(wrong)}")
    hidden = [path for path, handler in _all_handlers(app) if _is_hidden(app, handler)]
    if hidden:
        raise RuntimeError(f"these routes check nobody, by a hook of their own: {hidden}")


def permissions(app: Litestar) -> dict[tuple[str, str], Access]:
    """Who may call what: method and path to the access it declares."""
    return {(method, path): found[0] for method, path, found in _declared(app)}


def _declared(app: Litestar) -> Iterable[tuple[str, str, list[Access]]]:
    for path, handler in _all_handlers(app):
        found = declared_access(handler)
        for method in _methods(handler):
            yield method, path, found


def _all_handlers(app: Litestar) -> Iterable[tuple[str, BaseRouteHandler]]:
    return ((route.path, handler) for route in app.routes for handler in _handlers(route))


def _is_hidden(app: Litestar, handler: BaseRouteHandler) -> bool:
    """Whether another hook stands in the way of the one that would check its caller."""
    if ACCESS not in handler.opt or not isinstance(handler, HTTPRouteHandler):
        return False
    return handler.resolve_before_request() is not app.before_request


def _handlers(route: BaseRoute) -> list[BaseRouteHandler]:
    several = getattr(route, "route_handlers", None)
    handlers = several if several is not None else [getattr(route, "route_handler")]  # noqa: B009
    return [handler for handler in handlers if not _is_automatic_options(handler)]


def _methods(handler: BaseRouteHandler) -> list[str]:
    return sorted(handler.http_methods) if isinstance(handler, HTTPRouteHandler) else ["*"]


def _is_automatic_options(handler: BaseRouteHandler) -> bool:
    methods = getattr(handler, "http_methods", set())
    return set(methods) == {"OPTIONS"} and not handler.resolve_guards()


def _is_near(connection: Connection) -> bool:
    try:
        return connection.client is not None and ip_address(connection.client.host).is_loopback
    except ValueError:
        return False
