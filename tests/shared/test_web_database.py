"""What a database refuses becomes an answer a caller can act on, without a word of its message."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from litestar import get
from sqlalchemy import text

from deploy.local.ports import free_ports
from shared.access.guards import allow_signed_in
from shared.access.principal import Role
from shared.database import Database
from tests.access_kit import as_
from tests.servers import PostgresServer
from tests.shared.web_kit import app_of, client_of

NAMES = "CREATE TABLE IF NOT EXISTS people (name text PRIMARY KEY CHECK (name <> 'Sam Sample'))"


@pytest.fixture
async def database(postgres: PostgresServer) -> AsyncIterator[Database]:
    database = Database(postgres.url())
    async with database.session() as session:
        await session.execute(text(NAMES))
        await session.execute(text("DELETE FROM people"))
    yield database
    await database.dispose()


async def ask(database: Database, **query: str) -> httpx.Response:
    @get("/people", guards=[allow_signed_in])
    async def people(name: str) -> str:
        async with database.session() as session:
            await session.execute(text("SET LOCAL lock_timeout = '100ms'"))
            await session.execute(text("INSERT INTO people VALUES (:name)"), {"name": name})
        return "done"

    async with client_of(app_of(people)) as client:
        return await client.get("/people", params=query, headers=as_(Role.AUDITOR))


async def test_a_database_that_is_away_is_a_503_to_try_again() -> None:
    away = Database(f"postgresql://x@127.0.0.1:{free_ports(1)[0]}/x")
    response = await ask(away, name="Alex Sample")
    await away.dispose()
    assert response.status_code == 503
    assert response.headers["retry-after"]


async def test_a_duplicate_that_slipped_through_is_a_conflict(database: Database) -> None:
    assert (await ask(database, name="Alex Sample")).status_code == 200
    response = await ask(database, name="Alex Sample")
    assert response.status_code == 409
    assert "Alex" not in response.text


async def test_two_in_each_others_way_are_told_to_try_again(database: Database) -> None:
    async with database.session() as session:
        await session.execute(text("LOCK TABLE people"))
        response = await asyncio.wait_for(ask(database, name="Alex Sample"), 5)
    assert response.status_code == 503
    assert response.json()["detail"] == "Somebody else was changing the same thing; try again."


async def test_a_text_no_database_can_keep_is_the_callers_to_change(database: Database) -> None:
    assert (await ask(database, name="a\0b")).status_code == 422


async def test_what_nobody_expected_says_nothing(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    response = await ask(database, name="Sam Sample")
    assert response.status_code == 500
    told = response.text + capsys.readouterr().out
    assert "IntegrityError[23514]" in told
    assert "Sam" not in told
