"""A connection that the server closed while nobody used it costs nobody a refusal."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from shared.database import Database
from tests.conftest import FreshDatabase

END_OTHERS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
def url(fresh_database: FreshDatabase) -> str:
    return fresh_database("directory")


async def test_idle_connections_that_were_closed_are_replaced_without_a_word(url: str) -> None:
    database, other = Database(url), Database(url)
    held = await asyncio.gather(*(_use(database) for _ in range(5)))
    async with other.session() as session:
        await session.execute(END_OTHERS)
    await _closed(held)
    assert all(await asyncio.gather(*(_use(database) for _ in range(5))))
    await database.dispose()
    await other.dispose()


async def _use(database: Database) -> Any:
    """One transaction, at the same time as others; answers the driver's connection."""
    async with database.session() as session:
        await session.execute(text("SELECT pg_sleep(0.05)"))
        raw = await (await session.connection()).get_raw_connection()
        return raw.driver_connection


async def _closed(connections: list[Any]) -> None:
    async with asyncio.timeout(10):
        while not all(one.is_closed() for one in connections):
            await asyncio.sleep(0.01)
