"""Deadlines on a real database, and its HTTP application in front of it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import cast

import httpx
import pytest

from services.deadlines.app import build_app
from services.deadlines.settings import Settings
from services.deadlines.storage.tables import PLUMBING
from shared.database import Database
from shared.transaction import Transactions
from tests.access_kit import service_settings
from tests.conftest import FreshDatabase


@pytest.fixture
def database_url(fresh_database: FreshDatabase) -> str:
    """A migrated database without a case in it."""
    return fresh_database("deadlines")


@pytest.fixture
async def transactions(database_url: str) -> AsyncIterator[Transactions]:
    """Transactions on it."""
    database = Database(database_url)
    yield Transactions(database, PLUMBING, "deadlines")
    await database.dispose()


@pytest.fixture
async def client(database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """The application, called over HTTP."""
    app = build_app(service_settings(Settings, database_url=database_url))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://deadlines") as client:
        yield client
    for close in app.on_shutdown:
        await cast("Callable[[], Awaitable[None]]", close)()
