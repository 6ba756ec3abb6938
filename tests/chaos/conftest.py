"""The ground that a module's attacks share."""

import shutil
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.chaos.ground import Ground
from tests.chaos.installation import Installation
from tests.conftest import FreshDatabase


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ground(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ground]:
    """A system without the services that are attacked."""
    folder = tmp_path_factory.mktemp("ground")
    made = Ground(folder)
    try:
        await made.start()
        yield made
    finally:
        await made.stop()
        shutil.rmtree(folder / "kafka", ignore_errors=True)
        shutil.rmtree(folder / "postgres", ignore_errors=True)


@pytest.fixture(scope="module")
def installation(
    module_database: FreshDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """All services and the console: everything that an attacked one may ask."""
    running = Installation(module_database, tmp_path_factory.mktemp("installation"))
    yield running
    running.close()
