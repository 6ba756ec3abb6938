"""Whatever is sent over HTTP is answered as documented, and never with a 5xx.

Attack: schemathesis reads the OpenAPI document of each service and sends every operation requests
that follow it and requests that break it, with tokens of those who may call it and of others, at
things that exist and things that do not, and bodies that are sound but for one spoilt value. The
console's pages are attacked by a document made from its routes and the fields of its forms.

Control: an application of the same kind with one route that fails on some input and one that
answers what it does not document; the same attack must name both.
"""

import pytest
from litestar import Response, get

from shared.access.guards import allow_signed_in
from shared.settings import ServiceSettings
from shared.web.app import service_app
from tests.access_kit import service_settings
from tests.chaos.attacked_app import AttackedApp
from tests.chaos.hostile import attack, document_of
from tests.chaos.hostile_console import Sessions, console_document, signed_in
from tests.chaos.hostile_service import expect_documented_answers, expect_nothing_wrong
from tests.chaos.installation import Installation
from tests.chaos.known_things import KNOWN
from tests.chaos.sizes import SEED, size

pytestmark = pytest.mark.chaos
# A page is made of many answers of the services, which are attacked themselves.
EXAMPLES_OF_PAGES = size(30, 1_000)
# It has by far the most to attack: a file of its own, so that another worker may take it.
ELSEWHERE = "deadlines"


@pytest.mark.parametrize("service", [name for name in KNOWN if name != ELSEWHERE])
def test_whatever_is_sent_the_answer_is_a_documented_one(
    installation: Installation, service: str
) -> None:
    expect_documented_answers(installation, service)


def test_the_consoles_pages_answer_whatever_is_sent(installation: Installation) -> None:
    app = installation.console
    sessions = Sessions(app.run(signed_in(app.app, installation.settings)))
    document = console_document(app.app)
    done = attack(app, document, dict, examples=EXAMPLES_OF_PAGES, number=SEED, visitors=sessions)
    expect_nothing_wrong("console", done)


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
    done = attack(app, document_of(app), lambda: {"text": "0"}, examples=100, number=SEED)
    app.close()
    assert any(one.startswith("GET /fragile/{text}: answered 500") for one in done.wrong)
    assert any(one.startswith("GET /untold: Undocumented") for one in done.wrong)
