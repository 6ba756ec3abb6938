"""Who is looking at a page: found by the session's cookie, checked like any other token."""

from dataclasses import dataclass
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from services.console.storage.sessions import load_token
from shared.access.guards import Access
from shared.access.principal import Principal, Role
from shared.access.tokens import TokenVerifier
from shared.areas import COUNCIL_AREAS
from shared.clock import utc_now
from shared.database import Database
from shared.errors import NotAllowed, Unauthenticated

COOKIE = "scrutiny_session"
LONGEST_KEY = 100

Connection = ASGIConnection[Any, Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody signed in: who they are, the token to call services with, their session's key."""

    principal: Principal
    token: str
    key: str

    @property
    def areas(self) -> dict[str, str]:
        """The areas this person may see, by code, with their names."""
        return {code: name for code, name in COUNCIL_AREAS.items() if self.principal.may_see(code)}


@dataclass(frozen=True)
class PageAccess(Access):
    """Who may open a page; whoever is not signed in is first asked to."""

    async def __call__(self, connection: Connection, _: BaseRouteHandler | None = None) -> None:
        """Leave the viewer on the connection, or None on a page that is open to all."""
        viewer = await _viewer(connection)
        connection.scope["auth"] = viewer
        connection.scope["user"] = viewer.principal if viewer else None
        if self.roles is None:
            return
        if viewer is None:
            raise Unauthenticated("Sign in to open this page.")
        if self.roles.isdisjoint(viewer.principal.roles):
            raise NotAllowed(f"This page is for: {', '.join(sorted(self.roles))}.")


page_for_all = PageAccess(None)
page_for_signed_in = PageAccess(frozenset(Role))


def page_for(*roles: Role) -> PageAccess:
    """A page for people with one of these roles."""
    return PageAccess(frozenset(roles))


def session_key(request: Request[Any, Any, Any] | Connection) -> str | None:
    """What the browser shows to say which session is its own."""
    return request.cookies.get(COOKIE) or None


async def provide_viewer(request: Request[Any, Any, Any]) -> Viewer:
    """The viewer of a page that asks people to sign in."""
    return request.auth


async def _viewer(connection: Connection) -> Viewer | None:
    key = session_key(connection)
    if key is None or len(key) > LONGEST_KEY:
        return None
    database: Database = connection.app.state.database
    verifier: TokenVerifier = connection.app.state.token_verifier
    async with database.session() as session:
        token = await load_token(session, connection.app.state.field_cipher, key, utc_now())
    if token is None:
        return None
    try:
        return Viewer(await verifier.principal(token), token, key)
    except Unauthenticated:
        return None
