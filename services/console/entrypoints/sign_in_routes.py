"""Signing in and out."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import msgspec
from litestar import Request, get, post
from litestar.datastructures import Cookie
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from services.console.domain.sign_in import LASTS_SECONDS, SignIn, new_sign_in
from services.console.entrypoints.forms import own_form
from services.console.entrypoints.signed_in import COOKIE, page_for_all, session_key
from services.console.identity_provider import IdentityProvider
from services.console.settings import Settings
from services.console.use_cases.close_session import close_session
from services.console.use_cases.open_session import open_session
from shared.clock import Clock
from shared.confidential.fields import CannotDecrypt, FieldCipher
from shared.database import Database
from shared.errors import NotAllowed

ATTEMPT_COOKIE = "scrutiny_sign_in"
_CONTEXT = "console.sign-in"
_START_AGAIN = "This sign-in was not begun in this browser, or was begun too long ago. Start again."


@dataclass(frozen=True)
class SignInParts:
    """What signing in needs."""

    settings: Settings
    database: Database
    cipher: FieldCipher
    provider: IdentityProvider
    clock: Clock

    def cookie(self, key: str, value: str, path: str, seconds: int) -> Cookie:
        """A cookie no script can read and no other site can have sent with a form."""
        secure = self.settings.console_url.startswith("https://")
        return Cookie(
            key, path, value, max_age=seconds, httponly=True, samesite="lax", secure=secure
        )


def sign_in_routes(parts: SignInParts) -> Sequence[HTTPRouteHandler]:
    """`/sign-in`, where people come back to, and `/sign-out`."""

    @get("/sign-in", guards=[page_for_all], include_in_schema=False)
    async def sign_in(back_to: str = "/") -> Redirect:
        attempt = new_sign_in(back_to, parts.clock())
        sealed = _seal(parts.cipher, attempt)
        return Redirect(
            await parts.provider.address(attempt),
            status_code=303,
            cookies=[parts.cookie(ATTEMPT_COOKIE, sealed, "/sign-in", LASTS_SECONDS)],
        )

    @get("/sign-in/callback", guards=[page_for_all], include_in_schema=False)
    async def come_back(
        request: Request[Any, Any, Any],
        code: str = "",
        iss: str | None = None,
    ) -> Redirect:
        attempt = _attempt(parts.cipher, request.cookies.get(ATTEMPT_COOKIE))
        shown = request.query_params.get("state", "")
        if attempt is None or not attempt.answers(shown, parts.clock()):
            raise NotAllowed(_START_AGAIN)
        if not code:
            raise NotAllowed("You were not signed in. Start again if you still want to.")
        signed_in = await parts.provider.exchange(attempt, code, iss)
        seconds = min(signed_in.seconds, parts.settings.session_hours * 3600)
        async with parts.database.session() as session:
            await close_session(session, session_key(request))
            key = await open_session(
                session,
                parts.cipher,
                signed_in.principal.subject,
                signed_in.token,
                timedelta(seconds=seconds),
                parts.clock(),
            )
        return Redirect(
            attempt.back_to,
            status_code=303,
            cookies=[
                parts.cookie(COOKIE, key, "/", int(seconds)),
                parts.cookie(ATTEMPT_COOKIE, "", "/sign-in", 0),
            ],
        )

    @post("/sign-out", guards=[page_for_all], include_in_schema=False)
    async def sign_out(request: Request[Any, Any, Any]) -> Redirect:
        await own_form(request)
        async with parts.database.session() as session:
            await close_session(session, session_key(request))
        return Redirect("/", status_code=303, cookies=[parts.cookie(COOKIE, "", "/", 0)])

    return [sign_in, come_back, sign_out]


def _seal(cipher: FieldCipher, attempt: SignIn) -> str:
    sealed = cipher.encrypt(msgspec.json.encode(asdict(attempt)), _CONTEXT)
    return urlsafe_b64encode(sealed).decode()


def _attempt(cipher: FieldCipher, sealed: str | None) -> SignIn | None:
    if not sealed:
        return None
    try:
        plain = cipher.decrypt(urlsafe_b64decode(sealed.encode()), _CONTEXT)
    except (CannotDecrypt, ValueError):
        return None
    return SignIn(**msgspec.json.decode(plain))
