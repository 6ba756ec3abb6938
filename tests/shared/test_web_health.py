"""Ready means that everything needed makes progress, asked within a time."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from deploy.local.ports import free_ports
from shared.database import Database
from shared.web.health import Check, database_check
from tests.servers import PostgresServer
from tests.shared.web_kit import app_of, client_of


@pytest.fixture
async def database(postgres: PostgresServer) -> AsyncIterator[Database]:
    database = Database(postgres.url())
    yield database
    await database.dispose()


async def lag() -> dict[str, Any]:
    return {"unsent": 3}


async def stuck() -> None:
    await asyncio.sleep(10)


async def broken() -> None:
    raise RuntimeError("postgresql://user:password@host")


async def test_a_ready_service_shows_its_facts(database: Database) -> None:
    app = app_of(health=[database_check(database), Check("relay", lag)])
    async with client_of(app) as client:
        response = await client.get("/health/ready")
        assert (await client.get("/health/live")).json() == {"status": "live"}
    assert response.status_code == 200
    checks = response.json()["checks"]
    assert checks["database"]["ok"]
    assert checks["relay"]["unsent"] == 3


async def test_what_hangs_or_fails_makes_it_not_ready_without_saying_too_much() -> None:
    app = app_of(health=[Check("bus", stuck, 0.1), Check("relay", broken), Check("fine", lag)])
    async with client_of(app) as client:
        response = await client.get("/health/ready")
    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"
    told = response.json()
    assert told["detail"] == "Not well: bus, relay."
    assert told["checks"]["bus"] == {"ok": False, "error": "TimeoutError"}
    assert told["checks"]["fine"]["ok"]
    assert "password" not in response.text


async def test_a_database_that_is_away_makes_it_not_ready() -> None:
    away = Database(f"postgresql://x@127.0.0.1:{free_ports(1)[0]}/x")
    async with client_of(app_of(health=[database_check(away)])) as client:
        response = await client.get("/health/ready")
    await away.dispose()
    assert response.status_code == 503
