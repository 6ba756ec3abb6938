"""Real servers for every test that asks for them; nothing is replaced by an imitation."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest

from deploy.kafka.make_topics import make_topics
from deploy.local.kafka import EmbeddedKafka
from deploy.local.partner_access import allow_partners
from tests.servers import PARTNER, PostgresServer, kafka_server, run_apart
from tests.temporary_folders import keep_in_memory

FreshDatabase = Callable[[str], str]

# In full mode nothing may be skipped: a run that left something out has not passed.
FULL = os.environ.get("SCRUTINY_FULL") == "1"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def pytest_configure() -> None:
    """Before the first temporary folder is made."""
    keep_in_memory()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a Chromium the browser tests are skipped, and say so."""
    if CHROMIUM is None and not FULL:
        missing = pytest.mark.skip(reason="no chromium on this machine (apt-get install chromium)")
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(missing)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A full run that skipped a test fails."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if FULL and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def chromium() -> str:
    """The Chromium that browser tests drive."""
    assert CHROMIUM is not None, "browser tests need a chromium on the PATH"
    return CHROMIUM


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """One PostgreSQL for the whole run."""
    server = PostgresServer(tmp_path_factory.mktemp("postgres"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    """One Kafka for the whole run, with every topic of the map and partner `fife` let in."""
    server = kafka_server(tmp_path_factory.mktemp("kafka"))
    server.start()
    run_apart(make_topics(server.bootstrap, [PARTNER]))
    run_apart(allow_partners(server.bootstrap, [PARTNER]))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def kafka(broker: EmbeddedKafka) -> str:
    """Where the run's Kafka is reached."""
    return broker.bootstrap


@pytest.fixture
def fresh_database(postgres: PostgresServer) -> Iterator[FreshDatabase]:
    """Call it with a service's name: the URL of a new, migrated database for one test."""
    yield from _databases(postgres)


@pytest.fixture(scope="module")
def module_database(postgres: PostgresServer) -> Iterator[FreshDatabase]:
    """The same for databases that a whole module shares."""
    yield from _databases(postgres)


def _databases(postgres: PostgresServer) -> Iterator[FreshDatabase]:
    made: list[str] = []

    def fresh(service: str) -> str:
        made.append(postgres.fresh_database(service))
        return made[-1]

    yield fresh
    for url in made:
        postgres.drop_database(url.rpartition("/")[2])
