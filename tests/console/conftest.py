"""A console on a real database and a real port."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.console.settings import Settings
from shared.database import Database
from tests.conftest import FreshDatabase
from tests.console.console_kit import Browser, console_settings, serving
from tests.console.office import Office, open_office


@pytest.fixture
def settings(fresh_database: FreshDatabase, tmp_path: Path) -> Settings:
    """Of a console nobody has used."""
    return console_settings(tmp_path, fresh_database("console"))


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    """Its database."""
    database = Database(settings.database_url.get_secret_value())
    yield database
    await database.dispose()


@pytest.fixture
async def browser(settings: Settings) -> AsyncIterator[Browser]:
    """Somebody in front of it, not signed in."""
    async with serving(settings) as browser:
        yield browser


@pytest.fixture
async def office(tmp_path: Path, fresh_database: FreshDatabase) -> AsyncIterator[Office]:
    """Somebody in front of a console with deadlines behind it, not signed in."""
    async with open_office(tmp_path, fresh_database) as found:
        yield found


@pytest.fixture
async def staffed(tmp_path: Path, fresh_database: FreshDatabase) -> AsyncIterator[Office]:
    """The same with a directory that has everybody in it."""
    async with open_office(tmp_path, fresh_database, "directory") as found:
        yield found
