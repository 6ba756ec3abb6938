"""The token a service shows to another: fetched with its credentials, kept until near expiry."""

import asyncio
from time import monotonic
from typing import Any

import httpx
import msgspec

from shared.errors import Unavailable
from shared.settings import ServiceSettings

FETCH_SECONDS = 5.0
# A token is replaced when less than this share of its life is left.
RENEW_AT = 0.2
BASIC = "client_secret_basic"


class ServiceToken:
    """Hands out a bearer token; many callers at once cause one fetch."""

    def __init__(self, settings: ServiceSettings) -> None:
        if not settings.oidc_client_id or settings.oidc_client_secret is None:
            raise ValueError("oidc_client_id and oidc_client_secret are needed to call services")
        self._issuer = settings.oidc_issuer.rstrip("/")
        self._audience = settings.oidc_audience
        self._id = settings.oidc_client_id
        self._secret = settings.oidc_client_secret
        self._token, self._renew_at, self._dead_at = "", 0.0, 0.0
        self._lock = asyncio.Lock()

    async def value(self) -> str:
        """The token; `Unavailable` when there is none left and the issuer does not answer."""
        if monotonic() < self._renew_at:
            return self._token
        async with self._lock:
            if monotonic() >= self._renew_at:
                await self._renew()
        return self._token

    def forget(self) -> None:
        """Fetch a new one next time: somebody refused this one."""
        self._renew_at = self._dead_at = 0.0

    async def _renew(self) -> None:
        try:
            answer = await self._fetch()
            token, seconds = str(answer["access_token"]), float(answer.get("expires_in", 60))
        except (httpx.HTTPError, msgspec.MsgspecError, KeyError, ValueError) as error:
            if monotonic() >= self._dead_at:
                raise Unavailable("The issuer gave this service no token.") from error
            return
        now = monotonic()
        self._token, self._dead_at = token, now + seconds
        self._renew_at = now + seconds * (1 - RENEW_AT)

    async def _fetch(self) -> dict[str, Any]:
        async with httpx.AsyncClient(timeout=FETCH_SECONDS) as client:
            found = await client.get(f"{self._issuer}/.well-known/openid-configuration")
            about = _read(found)
            form = {"grant_type": "client_credentials", "audience": self._audience}
            if BASIC in about.get("token_endpoint_auth_methods_supported", [BASIC]):
                auth = httpx.BasicAuth(self._id, self._secret.get_secret_value())
                return _read(await client.post(about["token_endpoint"], data=form, auth=auth))
            form |= {"client_id": self._id, "client_secret": self._secret.get_secret_value()}
            return _read(await client.post(about["token_endpoint"], data=form))


def _read(response: httpx.Response) -> dict[str, Any]:
    return msgspec.json.decode(response.raise_for_status().content, type=dict[str, Any])
