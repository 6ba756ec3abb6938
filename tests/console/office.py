"""A console with real services behind it, and somebody in front of it."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import httpx
from joserfc.jwk import ECKey

from services.console.settings import Settings
from services.deadlines import app as deadlines_app
from services.deadlines.settings import Settings as DeadlinesSettings
from services.deadlines.storage.tables import PLUMBING
from services.directory import app as directory_app
from services.directory.sample import load_sample
from services.directory.settings import Settings as DirectorySettings
from services.intake import app as intake_app
from services.intake.settings import Settings as IntakeSettings
from shared.confidential.fields import FieldCipher
from shared.transaction import Transactions
from tests.access_kit import FIELD_KEYS, auth, mint
from tests.conftest import FreshDatabase
from tests.console.console_kit import Browser, console_settings, serving
from tests.service_kit import transactions_on
from tests.serving import served

AWAY = "http://127.0.0.1:1"
FIFE = "S12000047"


@dataclass
class Office:
    """A console in front of deadlines, and of whatever else the test asks for."""

    browser: Browser
    transactions: Transactions
    settings: Settings

    async def page(self, path: str, status: int = 200) -> str:
        """What the page says."""
        answer = await self.browser.client.get(path)
        assert answer.status_code == status, answer.text
        return answer.text

    async def send(self, path: str, on: str, **fields: str) -> httpx.Response:
        """The form of the page at `on`, filled in."""
        hidden = await self.browser.form_fields(on)
        return await self.browser.client.post(path, data=hidden | fields)

    async def change_person(self, person: str) -> None:
        """Whoever was here signs out, and this person in."""
        self.browser.client.cookies.clear()
        await self.browser.sign_in(person)

    async def notify(self, body: dict[str, Any]) -> str:
        """The reference of a notification that Fife has sent."""
        headers = _as_notifier(self.settings)
        async with httpx.AsyncClient(base_url=self.settings.intake_url) as intake:
            answer = await intake.post("/notifications", json=body, headers=headers)
        assert answer.status_code == 201, answer.text
        return answer.json()["reference"]

    async def hand_in(self, reference: str) -> str:
        """The id of a report that Fife has handed in for it."""
        path, form = f"/notifications/{reference}/reports", {"stage": "report"}
        files = {"attachment": ("report.pdf", b"%PDF-1.7", "application/pdf")}
        headers = _as_notifier(self.settings)
        async with httpx.AsyncClient(base_url=self.settings.intake_url) as intake:
            answer = await intake.post(path, data=form, files=files, headers=headers)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]


@asynccontextmanager
async def open_office(
    folder: Path, fresh_database: FreshDatabase, *others: str
) -> AsyncIterator[Office]:
    """Deadlines and the `others` on real ports, until the end of the block; the rest is away."""
    settings = console_settings(folder, fresh_database("console"))
    trusting: dict[str, Any] = {
        "field_keys": FIELD_KEYS,
        "oidc_issuer": settings.oidc_issuer,
        "oidc_jwks": settings.oidc_jwks,
        "oidc_client_id": "intake",
        "oidc_client_secret": "another-secret",
        "console_url": settings.console_url,
        "files_url": (folder / "files").as_uri(),
    }
    urls: dict[str, str] = dict.fromkeys(("intake_url", "directory_url", "inspections_url"), AWAY)
    async with AsyncExitStack() as stack:
        if "intake" in others:
            made = IntakeSettings(**_with(trusting, fresh_database("intake")))
            urls["intake_url"] = await _open(stack, intake_app.build_app(made))
        if "directory" in others:
            made = DirectorySettings(**_with(trusting, fresh_database("directory")))
            await load_sample(made.database_url.get_secret_value(), FieldCipher(FIELD_KEYS))
            urls["directory_url"] = await _open(stack, directory_app.build_app(made))
        made = DeadlinesSettings(**_with(trusting, fresh_database("deadlines"), urls))
        urls["deadlines_url"] = await _open(stack, deadlines_app.build_app(made))
        database = made.database_url.get_secret_value()
        behind = await stack.enter_async_context(transactions_on(database, PLUMBING, "deadlines"))
        settings = settings.model_copy(update=urls)
        browser = await stack.enter_async_context(serving(settings))
        yield Office(browser, behind, settings)


def _with(
    told: dict[str, Any], database_url: str, urls: dict[str, str] | None = None
) -> dict[str, Any]:
    return told | {"database_url": database_url} | (urls or {})


async def _open(stack: AsyncExitStack, app: Any) -> str:
    for close in app.on_shutdown:
        stack.push_async_callback(cast("Callable[[], Awaitable[None]]", close))
    return await stack.enter_async_context(served(app))


def _as_notifier(settings: Settings) -> dict[str, str]:
    keys = json.loads(Path(settings.issuer_keys or "").read_text())["keys"]
    issued = {"key": ECKey.import_key(keys[0]), "header": {"kid": "issuer-1"}}
    return auth(mint("notifier", areas=[FIFE], iss=settings.oidc_issuer, **issued))
