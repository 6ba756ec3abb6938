"""A console with the real deadlines service behind it, and somebody in front of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from services.deadlines import app as deadlines_app
from services.deadlines.settings import Settings as DeadlinesSettings
from services.deadlines.storage.tables import PLUMBING
from shared.transaction import Transactions
from tests.access_kit import FIELD_KEYS
from tests.conftest import FreshDatabase
from tests.console.console_kit import Browser, console_settings, serving
from tests.service_kit import transactions_on
from tests.serving import served


@dataclass
class Office:
    """A console in front of deadlines; the other services are away."""

    browser: Browser
    transactions: Transactions

    async def page(self, path: str, status: int = 200) -> str:
        """What the page says."""
        answer = await self.browser.client.get(path)
        assert answer.status_code == status, answer.text
        return answer.text

    async def send(self, path: str, on: str, **fields: str) -> httpx.Response:
        """The form of the page at `on`, filled in."""
        hidden = await self.browser.form_fields(on)
        return await self.browser.client.post(path, data=hidden | fields)


@asynccontextmanager
async def open_office(folder: Path, fresh_database: FreshDatabase) -> AsyncIterator[Office]:
    """Both services on real ports, until the end of the block."""
    url = fresh_database("deadlines")
    settings = console_settings(folder, fresh_database("console"))
    trusting: dict[str, Any] = {
        "database_url": url,
        "field_keys": FIELD_KEYS,
        "oidc_issuer": settings.oidc_issuer,
        "oidc_jwks": settings.oidc_jwks,
        "console_url": settings.console_url,
    }
    app = deadlines_app.build_app(DeadlinesSettings(**trusting))
    async with transactions_on(url, PLUMBING, "deadlines") as transactions, served(app) as address:
        away = {f"{name}_url": "http://127.0.0.1:1" for name in ("intake", "directory")}
        told = away | {"inspections_url": "http://127.0.0.1:1", "deadlines_url": address}
        async with serving(settings.model_copy(update=told)) as browser:
            yield Office(browser, transactions)
