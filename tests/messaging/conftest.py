"""A ledger per test, on a database of its own and, where asked for, a topic of its own."""

from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from shared.database import async_url
from tests.messaging.bus_reading import make_topic
from tests.messaging.ledger import Ledger, create_tables
from tests.servers import PostgresServer, run_apart


@pytest.fixture(scope="session")
def ledger_template(postgres: PostgresServer) -> str:
    """A database with the ledger's tables, to be copied."""
    name = f"ledger_template_{uuid4().hex[:12]}"
    url = postgres.create_database(name)

    async def create() -> None:
        engine = create_async_engine(async_url(url))
        async with engine.begin() as connection:
            await connection.run_sync(create_tables)
        await engine.dispose()

    run_apart(create())
    return name


@pytest.fixture
def ledger_url(postgres: PostgresServer, ledger_template: str) -> Iterator[str]:
    """A new database with the ledger's tables."""
    name = f"ledger_{uuid4().hex[:12]}"
    yield postgres.create_database(name, template=ledger_template)
    postgres.drop_database(name)


@pytest.fixture
async def ledger(ledger_url: str) -> AsyncIterator[Ledger]:
    """A ledger without a bus."""
    made = Ledger(ledger_url)
    yield made
    await made.database.dispose()


@pytest.fixture
async def bus_ledger(ledger_url: str, kafka: str) -> AsyncIterator[Ledger]:
    """A ledger on the run's Kafka, with a topic of its own."""
    made = Ledger(ledger_url, kafka)
    await make_topic(kafka, made.topic.name)
    yield made
    await made.database.dispose()
