"""The console as a client of the OpenID Connect issuer: where to send people, what they return."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec
from joserfc.jws import extract_compact

from services.console.domain.sign_in import SignIn, challenge
from services.console.settings import Settings
from shared.access.principal import Principal
from shared.access.tokens import TokenVerifier
from shared.errors import NotAllowed, Unauthenticated, Unavailable

SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who came back, and the token that services believe."""

    principal: Principal
    token: str
    seconds: float


class IdentityProvider:
    """Speaks the authorization-code flow with PKCE; its discovery document is read once."""

    def __init__(self, settings: Settings, verifier: TokenVerifier) -> None:
        if not settings.oidc_client_id:
            raise ValueError("SCRUTINY_OIDC_CLIENT_ID is needed to sign people in")
        self._issuer = settings.oidc_issuer
        self._client = settings.oidc_client_id
        self._secret = settings.oidc_client_secret
        self._callback = f"{settings.console_url.rstrip('/')}/sign-in/callback"
        self._audience = settings.oidc_audience
        self._tokens = verifier
        self._id_tokens = TokenVerifier(verifier.keys, issuer=self._issuer, audience=self._client)
        self._about: dict[str, Any] | None = None

    async def address(self, attempt: SignIn) -> str:
        """Where to send the browser."""
        asked = {
            "response_type": "code",
            "client_id": self._client,
            "redirect_uri": self._callback,
            "scope": "openid",
            "audience": self._audience,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": challenge(attempt.verifier),
            "code_challenge_method": "S256",
        }
        about = await self._discovered()
        return f"{about['authorization_endpoint']}?{urlencode(asked)}"

    async def exchange(self, attempt: SignIn, code: str, issuer: str | None) -> SignedIn:
        """Trade a code for tokens, and believe them only when everything about them fits."""
        if issuer is not None and issuer != self._issuer:
            raise NotAllowed("The answer came from another identity provider.")
        answer = await self._ask_for_tokens(attempt, code)
        token, id_token = str(answer.get("access_token")), str(answer.get("id_token"))
        try:
            principal = await self._tokens.principal(token)
            told = await self._id_tokens.principal(id_token)
        except Unauthenticated as error:
            raise NotAllowed(f"Signing in did not work. {error.detail}") from error
        if told.subject != principal.subject or _nonce(id_token) != attempt.nonce:
            raise NotAllowed("The answer belongs to another attempt to sign in.")
        return SignedIn(principal, token, float(answer.get("expires_in", 300)))

    async def _ask_for_tokens(self, attempt: SignIn, code: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._callback,
            "code_verifier": attempt.verifier,
            "client_id": self._client,
        }
        address = str((await self._discovered())["token_endpoint"])
        secret = self._secret.get_secret_value() if self._secret else None
        auth = httpx.BasicAuth(self._client, secret) if secret else None
        response = await _ask("POST", address, data=form, auth=auth)
        if response.status_code >= 500:
            raise Unavailable("The identity provider is not answering.")
        if response.status_code >= 400:
            raise NotAllowed("The identity provider did not accept the answer. Sign in again.")
        return msgspec.json.decode(response.content, type=dict[str, Any])

    async def _discovered(self) -> dict[str, Any]:
        if self._about is None:
            place = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
            response = await _ask("GET", place)
            if response.status_code != 200:
                raise Unavailable("The identity provider is not answering.")
            about = msgspec.json.decode(response.content, type=dict[str, Any])
            if about.get("issuer") != self._issuer:
                raise Unavailable("The identity provider says it is another one.")
            self._about = about
        return self._about


async def _ask(method: str, address: str, **told: Any) -> httpx.Response:
    try:
        async with httpx.AsyncClient(timeout=SECONDS) as client:
            return await client.request(method, address, **told)
    except httpx.HTTPError as error:
        raise Unavailable("The identity provider is not answering.") from error


def _nonce(id_token: str) -> str:
    payload = extract_compact(id_token.encode()).payload
    return str(msgspec.json.decode(payload, type=dict[str, Any]).get("nonce", ""))
