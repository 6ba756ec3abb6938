"""The same request sent twice takes effect once, whoever sends it when."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from litestar import Request, Response, post
from msgspec import Struct
from sqlalchemy import Column, Integer, MetaData, Table, Text, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.access.guards import allow_signed_in
from shared.access.principal import Role
from shared.clock import utc_now
from shared.database import Database
from shared.errors import Conflict
from shared.web.idempotency import expire, idempotency_table, once
from tests.access_kit import as_
from tests.servers import PostgresServer
from tests.shared.web_kit import app_of, client_of

METADATA = MetaData()
KEYS = idempotency_table(METADATA)
DONE = Table("done", METADATA, Column("id", Integer, primary_key=True), Column("name", Text))
Clients = Callable[[], httpx.AsyncClient]


class NameIn(Struct):
    """What to do, and how."""

    name: str
    seconds: float = 0


class Tx(Struct):
    """The part of a transaction that `once` needs."""

    session: AsyncSession


@pytest.fixture
async def database(postgres: PostgresServer) -> AsyncIterator[Database]:
    url = postgres.create_database(f"idempotency_{utc_now().timestamp():.6f}".replace(".", "_"))
    database = Database(url, pool_size=10)
    async with database.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    yield database
    await database.dispose()


@pytest.fixture
async def client(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    @post("/names", guards=[allow_signed_in])
    async def name(data: NameIn, request: Request[Any, Any, Any]) -> Response[bytes]:
        async with database.session() as session:

            async def act() -> dict[str, str]:
                await session.execute(insert(DONE).values(name=data.name))
                await asyncio.sleep(data.seconds)
                if data.name == "refused":
                    raise Conflict("Not today.")
                return {"name": data.name}

            return await once(Tx(session), request, act, headers={"ETag": '"1"'})

    async with client_of(app_of(name)) as client:
        yield client


async def send(
    client: httpx.AsyncClient, key: str | None = "k", subject: str = "p1", **body: Any
) -> httpx.Response:
    headers = as_(Role.NOTIFIER, subject=subject) | ({"Idempotency-Key": key} if key else {})
    return await client.post("/names", json={"name": "Alex"} | body, headers=headers)


async def done(database: Database) -> int:
    async with database.session() as session:
        return len((await session.execute(select(DONE))).all())


async def test_a_repeated_request_gets_the_first_answer(
    client: httpx.AsyncClient, database: Database
) -> None:
    first, again = await send(client), await send(client)
    assert (first.status_code, first.json(), first.headers["etag"]) == (
        201,
        {"name": "Alex"},
        '"1"',
    )
    assert "idempotency-replayed" not in first.headers
    assert (again.status_code, again.content, again.headers["etag"]) == (201, first.content, '"1"')
    assert again.headers["idempotency-replayed"] == "true"
    assert await done(database) == 1


async def test_two_at_once_take_effect_once_and_get_the_same_answer(
    client: httpx.AsyncClient, database: Database
) -> None:
    answers = await asyncio.gather(*(send(client, seconds=0.2) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 4
    assert await done(database) == 1


async def test_who_waited_for_a_refused_request_does_it_again(
    client: httpx.AsyncClient, database: Database
) -> None:
    answers = await asyncio.gather(*(send(client, name="refused", seconds=0.1) for _ in range(2)))
    assert {answer.status_code for answer in answers} == {409}
    assert await done(database) == 0
    assert (await send(client, name="fine")).status_code == 201


async def test_the_same_key_for_something_else_is_refused(
    client: httpx.AsyncClient, database: Database
) -> None:
    await send(client)
    refused = await send(client, name="Sam")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "Idempotency-Key"
    assert await done(database) == 1


async def test_two_people_may_use_the_same_key(
    client: httpx.AsyncClient, database: Database
) -> None:
    await send(client, subject="p1")
    other = await send(client, subject="p2")
    assert other.status_code == 201
    assert "idempotency-replayed" not in other.headers
    assert await done(database) == 2


async def test_without_a_key_each_request_counts(
    client: httpx.AsyncClient, database: Database
) -> None:
    await send(client, key=None)
    await send(client, key=None)
    assert await done(database) == 2


@pytest.mark.parametrize("key", ["x" * 256, "a\tb"])
async def test_a_strange_key_is_refused(client: httpx.AsyncClient, key: str) -> None:
    assert (await send(client, key=key)).status_code == 422


async def test_a_stored_answer_cannot_be_read_in_the_database(
    client: httpx.AsyncClient, database: Database
) -> None:
    await send(client)
    async with database.session() as session:
        row = (await session.execute(select(KEYS))).one()
    assert b"Alex" not in row.answer
    assert b"Alex" not in row.request_hash


async def test_old_answers_are_forgotten(client: httpx.AsyncClient, database: Database) -> None:
    await send(client)
    async with database.session() as session:
        await expire(session, utc_now() + timedelta(hours=71))
        assert (await session.execute(text("SELECT count(*) FROM idempotency_keys"))).scalar() == 1
        await expire(session, utc_now() + timedelta(hours=73))
        assert (await session.execute(text("SELECT count(*) FROM idempotency_keys"))).scalar() == 0
