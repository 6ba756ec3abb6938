"""An intake on a real database, its attachments in a folder, and its HTTP application in front."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from services.intake.app import build_app
from services.intake.settings import Settings
from services.intake.storage.tables import PLUMBING
from shared.confidential.fields import FieldCipher
from shared.transaction import Transactions
from tests.access_kit import FIELD_KEYS, service_settings
from tests.conftest import FreshDatabase
from tests.service_kit import calling, transactions_on


@pytest.fixture
def database_url(fresh_database: FreshDatabase) -> str:
    """An intake that has received nothing."""
    return fresh_database("intake")


@pytest.fixture
async def transactions(database_url: str) -> AsyncIterator[Transactions]:
    """Transactions on that intake."""
    async with transactions_on(database_url, PLUMBING, "intake") as transactions:
        yield transactions


@pytest.fixture
def ring() -> FieldCipher:
    """The field keys that the application has as well."""
    return FieldCipher(FIELD_KEYS)


@pytest.fixture
def attachments(tmp_path: Path) -> Path:
    """Where the application stores files."""
    return tmp_path / "files"


@pytest.fixture
async def client(database_url: str, attachments: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The application, called over HTTP."""
    settings = service_settings(
        Settings,
        database_url=database_url,
        files_url=attachments.as_uri(),
        max_file_bytes=2_000_000,
    )
    async with calling(build_app(settings)) as client:
        yield client
