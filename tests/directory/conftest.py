"""A directory on a real database, and its HTTP application in front of it."""

from collections.abc import AsyncIterator

import httpx
import pytest

from services.directory.app import build_app
from services.directory.settings import Settings
from services.directory.storage.tables import PLUMBING
from shared.transaction import Transactions
from tests.access_kit import service_settings
from tests.conftest import FreshDatabase
from tests.service_kit import calling, transactions_on


@pytest.fixture
def database_url(fresh_database: FreshDatabase) -> str:
    """A directory with the council areas and nobody in it."""
    return fresh_database("directory")


@pytest.fixture
async def transactions(database_url: str) -> AsyncIterator[Transactions]:
    """Transactions on it."""
    async with transactions_on(database_url, PLUMBING, "directory") as transactions:
        yield transactions


@pytest.fixture
async def client(database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """The application, called over HTTP."""
    app = build_app(service_settings(Settings, database_url=database_url))
    async with calling(app) as client:
        yield client
