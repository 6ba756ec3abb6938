"""The ledger of the messaging tests, with the routes that operators use."""

from collections.abc import AsyncIterator

import httpx
import pytest

from shared.messaging.inbox import Consumer
from shared.operations.progress import progress_checks
from shared.operations.routes import operator_routes
from shared.web.app import service_app
from tests.messaging.conftest import bus_ledger, ledger, ledger_template, ledger_url
from tests.messaging.ledger import Ledger

__all__ = ["bus_ledger", "ledger", "ledger_template", "ledger_url"]


class Fault:
    """Fails on every event until it is mended."""

    mended = False

    async def __call__(self, *_: object) -> None:
        if not self.mended:
            raise ValueError("Morag")


@pytest.fixture
def fault() -> Fault:
    return Fault()


@pytest.fixture
def consumer(ledger: Ledger, fault: Fault) -> Consumer:
    return ledger.consumer(fault)


@pytest.fixture
async def client(ledger: Ledger, consumer: Consumer) -> AsyncIterator[httpx.AsyncClient]:
    """The ledger's operators' routes, over HTTP."""
    routes = operator_routes(ledger.transactions, ledger.parking, consumer)
    checks = progress_checks(ledger.transactions)
    app = service_app(ledger.settings, title="Ledger", routes=routes, health=checks)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://l") as made:
        yield made
