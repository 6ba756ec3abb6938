"""A service's own token: fetched once for many callers, renewed in time, and never at any price."""

import asyncio
from typing import Any

import httpx
import pytest
from litestar import Request, get, post
from litestar.exceptions import HTTPException
from pydantic import SecretStr

from deploy.local.ports import free_ports
from shared.access.guards import allow, anonymous
from shared.access.key_set import KeySet
from shared.access.principal import Principal, Role
from shared.access.service_token import ServiceToken
from shared.errors import Unavailable
from shared.settings import ServiceSettings
from shared.web.app import ServiceApp
from shared.web.client import service_client
from tests.access_kit import KEY, mint, service_settings
from tests.serving import served
from tests.shared.web_kit import app_of

SECRET = "a secret of the tests"


class Issuer:
    """A small issuer on a port of its own."""

    def __init__(self, *, seconds: int = 600, claims_to_be: str | None = None) -> None:
        self.port = free_ports(1)[0]
        self.url = f"http://127.0.0.1:{self.port}"
        self.seconds = seconds
        self.claims_to_be = claims_to_be or self.url
        self.given: list[str] = []
        self.closed = False

    def app(self) -> ServiceApp:
        @get("/.well-known/openid-configuration", guards=[anonymous])
        async def about() -> dict[str, Any]:
            return {
                "issuer": self.claims_to_be,
                "jwks_uri": f"{self.url}/jwks",
                "token_endpoint": f"{self.url}/token",
            }

        @get("/jwks", guards=[anonymous])
        async def jwks() -> dict[str, Any]:
            return {"keys": [KEY.as_dict(private=False)]}

        @post("/token", guards=[anonymous], status_code=200)
        async def token(request: Request[Any, Any, Any]) -> dict[str, Any]:
            form = await request.form()
            basic = httpx.BasicAuth("deadlines", SECRET)._auth_header
            if self.closed or request.headers.get("authorization") != basic:
                raise HTTPException(status_code=401)
            assert form["grant_type"] == "client_credentials"
            self.given.append(mint(Role.SERVICE, subject="deadlines", jti=str(len(self.given))))
            return {"access_token": self.given[-1], "expires_in": self.seconds}

        return app_of(about, jwks, token)


def token_from(issuer: Issuer, secret: str = SECRET) -> ServiceToken:
    return ServiceToken(
        service_settings(
            ServiceSettings,
            service="deadlines",
            database_url="postgresql://x/x",
            oidc_issuer=issuer.url,
            oidc_client_id="deadlines",
            oidc_client_secret=SecretStr(secret),
        )
    )


async def test_many_callers_at_once_cause_one_fetch() -> None:
    issuer = Issuer()
    async with served(issuer.app(), issuer.port):
        token = token_from(issuer)
        values = await asyncio.gather(*(token.value() for _ in range(20)))
    assert set(values) == {issuer.given[0]}
    assert await token.value() == issuer.given[0]


async def test_a_token_near_its_end_is_replaced() -> None:
    issuer = Issuer(seconds=0)
    async with served(issuer.app(), issuer.port):
        token = token_from(issuer)
        assert await token.value() != await token.value()


async def test_a_token_that_still_holds_outlives_the_issuer() -> None:
    issuer = Issuer(seconds=3)
    async with served(issuer.app(), issuer.port):
        token = token_from(issuer)
        first = await token.value()
        issuer.closed = True
        await asyncio.sleep(2.5)
        assert await token.value() == first
        await asyncio.sleep(0.6)
        with pytest.raises(Unavailable):
            await token.value()


async def test_without_an_issuer_or_with_a_wrong_secret_there_is_no_token() -> None:
    issuer = Issuer()
    with pytest.raises(Unavailable):
        await token_from(issuer).value()
    async with served(issuer.app(), issuer.port):
        with pytest.raises(Unavailable):
            await token_from(issuer, "wrong").value()


async def test_keys_are_found_by_discovery_and_by_address() -> None:
    issuer = Issuer()
    async with served(issuer.app(), issuer.port):
        for source in (None, f"{issuer.url}/jwks"):
            assert await KeySet(issuer.url, source, refresh_seconds=0).key("test-key")


async def test_another_issuers_discovery_document_is_not_believed() -> None:
    issuer = Issuer(claims_to_be="https://elsewhere.example.org")
    async with served(issuer.app(), issuer.port):
        with pytest.raises(Unavailable):
            await KeySet(issuer.url, None, refresh_seconds=0).key("test-key")


async def test_a_service_calls_another_as_itself_and_renews_a_refused_token() -> None:
    issuer = Issuer()
    seen: list[str] = []

    @get("/whoami", guards=[allow(Role.SERVICE)])
    async def whoami(request: Request[Any, Any, Any], principal: Principal) -> str:
        seen.append(request.headers["authorization"].removeprefix("Bearer "))
        if len(seen) == 1:
            raise HTTPException(status_code=401)
        return principal.subject

    async with (
        served(issuer.app(), issuer.port),
        served(app_of(whoami)) as url,
        service_client(url, token_from(issuer)) as client,
    ):
        assert (await client.get("/whoami")).text == "deadlines"
        assert seen == issuer.given
        assert len(seen) == 2
        mine = {"Authorization": f"Bearer {mint(Role.SERVICE, subject='console')}"}
        assert (await client.get("/whoami", headers=mine)).text == "console"
