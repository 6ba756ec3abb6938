"""A console on a real port with its own issuer, for tests that sign in as a browser would."""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

import httpx
from joserfc.jwk import ECKey

from deploy.local.ports import free_ports
from services.console.app import build_app
from services.console.settings import Settings
from tests.access_kit import FIELD_KEYS
from tests.serving import served

SECRET = "a-secret-of-the-tests"
HIDDEN = re.compile(r'<input type="hidden" name="([\w-]+)" value="([^"]*)">')


def console_settings(folder: Path, database_url: str, **given: Any) -> Settings:
    """Settings of an embedded console whose issuer has a fresh key."""
    port = given.pop("http_port", None) or free_ports(1)[0]
    keys = folder / "issuer.json"
    if not keys.exists():
        key = ECKey.generate_key("P-256", {"kid": "issuer-1", "use": "sig"}, private=True)
        keys.write_text(json.dumps({"keys": [key.as_dict(private=True)]}))
        public = {"keys": [key.as_dict(private=False)]}
        (folder / "jwks.json").write_text(json.dumps(public))
    told = {
        "embedded": True,
        "database_url": database_url,
        "field_keys": FIELD_KEYS,
        "http_port": port,
        "console_url": f"http://127.0.0.1:{port}",
        "oidc_issuer": f"http://127.0.0.1:{port}/issuer",
        "oidc_jwks": str(folder / "jwks.json"),
        "oidc_client_id": "console",
        "oidc_client_secret": SECRET,
        "issuer_keys": str(keys),
        "issuer_clients": f"console:{SECRET},intake:another-secret",
        "mail_folder": str(folder / "mails"),
    }
    return Settings(**(told | given))


def hidden_fields(page: str) -> dict[str, str]:
    """What the page's forms carry, as a browser would send it."""
    return {name: unescape(value) for name, value in HIDDEN.findall(page)}


@dataclass
class Browser:
    """Follows the sign-in by hand, one request at a time, as a browser would."""

    client: httpx.AsyncClient

    async def sign_in(self, person: str, back_to: str = "/") -> httpx.Response:
        """Sign in as a sample person; the answer is the page they come back to."""
        came_back = await self.client.get(await self.until_callback(person, back_to))
        assert came_back.status_code == 303, came_back.text
        return await self.client.get(came_back.headers["location"])

    async def until_callback(self, person: str, back_to: str = "/") -> str:
        """Everything up to the address the issuer sends people back to."""
        away = await self.client.get("/sign-in", params={"back_to": back_to})
        asked = dict(parse_qsl(urlsplit(away.headers["location"]).query))
        page = await self.client.get(away.headers["location"])
        assert page.status_code == 200, page.text
        chosen = await self.client.post("/issuer/authorize", data=asked | {"person": person})
        assert chosen.status_code == 303, chosen.text
        return chosen.headers["location"]

    async def form_fields(self, path: str) -> dict[str, str]:
        """The hidden fields of a page's forms."""
        return hidden_fields((await self.client.get(path)).text)


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Browser]:
    """The console, answering on its port until the end of the block."""
    app = build_app(settings)
    async with (
        served(app, settings.http_port) as url,
        httpx.AsyncClient(base_url=url, timeout=20) as client,
    ):
        yield Browser(client)
    for close in app.on_shutdown:
        await cast("Callable[[], Awaitable[None]]", close)()
