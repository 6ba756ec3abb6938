"""Real servers for every test that asks for them; nothing is replaced by an imitation."""

from collections.abc import Callable, Iterator

import pytest

from deploy.kafka.make_topics import make_topics
from deploy.local.kafka import EmbeddedKafka
from deploy.local.partner_access import allow_partners
from tests.servers import PARTNER, PostgresServer, kafka_server, run_apart

FreshDatabase = Callable[[str], str]


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
