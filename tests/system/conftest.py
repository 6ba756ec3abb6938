"""One whole system for the run, started as a person would start it."""

from collections.abc import Iterator

import pytest

from tests.system.chain import Chain
from tests.system.partner import Partner
from tests.system.running import System


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """The whole system, running; tests share it, so each uses references of its own."""
    running = System(tmp_path_factory.mktemp("system") / "home").start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def chain(system: System) -> Iterator[Chain]:
    """The system as those around it use it."""
    around = Chain(system)
    yield around
    around.close()


@pytest.fixture
def partner(system: System) -> Iterator[Partner]:
    """The case system of partner `fife`."""
    fife = Partner(system)
    yield fife
    fife.close()
