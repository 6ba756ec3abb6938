"""Deadlines on a real database, and its HTTP application in front of it."""

from collections.abc import AsyncIterator

import httpx
import pytest

from services.deadlines.app import build_app
from services.deadlines.settings import Settings
from services.deadlines.storage.tables import PLUMBING
from shared.transaction import Transactions
from tests.access_kit import service_settings
from tests.conftest import FreshDatabase
from tests.service_kit import calling, transactions_on


@pytest.fixture
def database_url(fresh_database: FreshDatabase) -> str:
    """A migrated database without a case in it."""
    return fresh_database("deadlines")


@pytest.fixture
async def transactions(database_url: str) -> AsyncIterator[Transactions]:
    """Transactions on it."""
    async with transactions_on(database_url, PLUMBING, "deadlines") as transactions:
        yield transactions


@pytest.fixture
async def client(database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """The application, called over HTTP."""
    app = build_app(service_settings(Settings, database_url=database_url))
    async with calling(app) as client:
        yield client
