"""Whatever is sent over HTTP is answered as documented, and never with a 5xx.

Attack: schemathesis reads the OpenAPI document of each service and sends every operation requests
that follow it and requests that break it, with tokens of those who may call it and of others, at
things that exist and things that do not, and bodies that are sound but for one spoilt value. The
console's pages are attacked by a document made from its routes and the fields of its forms.

Control: an application of the same kind with one route that fails on some input and one that
answers what it does not document; the same attack must name both.
"""

import importlib
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from litestar import Response, get

from deploy.local.ports import free_ports
from services.console.app import build_app as build_console
from shared.access.guards import allow_signed_in
from shared.settings import ServiceSettings
from shared.web.app import ServiceApp, service_app
from tests.access_kit import service_settings
from tests.chaos.attacked_app import AttackedApp
from tests.chaos.figures import record
from tests.chaos.hostile import Attack, attack, document_of
from tests.chaos.hostile_console import Sessions, console_document, signed_in
from tests.chaos.known_things import KNOWN, known_things
from tests.chaos.sizes import SEED, size
from tests.conftest import FreshDatabase
from tests.console.console_kit import console_settings
from tests.serving import served

pytestmark = pytest.mark.chaos
Build = Callable[[str], AttackedApp]
EXAMPLES = size(100, 1_000)


@pytest.fixture
def attacked(
    fresh_database: FreshDatabase, tmp_path: Path
) -> Iterator[Callable[[str], AttackedApp]]:
    """Builds one service on a database of its own."""
    apps: list[AttackedApp] = []

    def build(service: str) -> AttackedApp:
        apps.append(AttackedApp(_built(service, fresh_database(service), tmp_path)))
        return apps[-1]

    yield build
    for app in apps:
        app.close()


@pytest.mark.parametrize("service", KNOWN)
def test_whatever_is_sent_the_answer_is_a_documented_one(attacked: Build, service: str) -> None:
    app = attacked(service)
    done = attack(
        app,
        document_of(app.app),
        lambda: known_things(service, app),
        examples=EXAMPLES,
        number=SEED,
    )
    record(f"hostile-http-{service}", **_told(done))
    assert not done.wrong, "\n".join(done.wrong[:20])


def test_the_consoles_pages_answer_whatever_is_sent(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    ports = dict(zip(KNOWN, free_ports(len(KNOWN)), strict=True))
    urls = {f"{name}_url": f"http://127.0.0.1:{port}" for name, port in ports.items()}
    settings = console_settings(tmp_path, fresh_database("console"), **urls)
    app = AttackedApp(build_console(settings))
    # Its own issuer is asked over the network, as anybody's would be.
    behind = AsyncExitStack()
    app.run(behind.enter_async_context(served(app.app, settings.http_port)))
    sessions = Sessions(app.run(signed_in(app.app, settings)))
    trusted = {"oidc_issuer": settings.oidc_issuer, "oidc_jwks": settings.oidc_jwks}
    for service, port in ports.items():
        api = _built(service, fresh_database(service), tmp_path, **trusted)
        app.run(behind.enter_async_context(served(api, port)))
    document = console_document(app.app)
    done = attack(app, document, dict, examples=EXAMPLES, number=SEED, visitors=sessions)
    app.run(behind.aclose())
    app.close()
    record("hostile-http-console", **_told(done))
    assert not done.wrong, "\n".join(done.wrong[:20])


@get("/fragile/{text:str}", guards=[allow_signed_in])
async def fragile(text: str) -> str:
    """Divides by nothing when somebody writes a nought."""
    return str(1 / ord(text[0])) if text != "0" else str(1 / int(text))


@get("/untold", guards=[allow_signed_in])
async def untold(number: int = 1) -> Response[str]:
    """Answers with a status that the document does not tell of."""
    return Response("a teapot", status_code=418 if number < 0 else 200, media_type="text/plain")


def test_an_answer_that_is_undocumented_or_5xx_is_caught() -> None:
    nowhere = "postgresql://nobody@127.0.0.1:9/x"
    settings = service_settings(ServiceSettings, service="sample", database_url=nowhere)
    app = AttackedApp(service_app(settings, title="Sample", routes=[fragile, untold]))
    done = attack(app, document_of(app.app), lambda: {"text": "0"}, examples=100, number=SEED)
    app.close()
    assert any(one.startswith("GET /fragile/{text}: answered 500") for one in done.wrong)
    assert any(one.startswith("GET /untold: Undocumented") for one in done.wrong)


def _built(service: str, database_url: str, folder: Path, **given: Any) -> ServiceApp:
    settings = service_settings(
        importlib.import_module(f"services.{service}.settings").Settings,
        database_url=database_url,
        files_url=(folder / "files").as_uri(),
        **given,
    )
    return importlib.import_module(f"services.{service}.app").build_app(settings)


def _told(done: Attack) -> dict[str, object]:
    counts = {str(status): count for status, count in sorted(done.statuses.items())}
    return {
        "operations": done.operations,
        "requests": done.statuses.total(),
        "wrong": len(done.wrong),
        "statuses": counts,
    }
