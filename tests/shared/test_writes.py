"""What a transaction writes waits for its end: one statement, all of it or nothing."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import BigInteger, Column, DateTime, Identity, LargeBinary, MetaData, Table, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError

from deploy.local.ports import free_ports
from services.intake.storage.tables import PLUMBING
from shared.clock import utc_now
from shared.database import Database, is_outage, sqlstate
from shared.errors import Unavailable
from shared.telemetry import DB_STATEMENT, span
from shared.transaction import Transaction, Transactions
from shared.writes import Insert
from tests.servers import PostgresServer
from tests.tracing import recorded

METADATA = MetaData()
PEOPLE = Table(
    "people to write",
    METADATA,
    Column("position", BigInteger, Identity(always=True)),
    Column("name", Text, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("facts", JSONB),
    Column("sealed", LargeBinary),
)
LETTERS = Table("letters", METADATA, Column("to", Text), Column("body", Text))
CLAIMS = Table("claims", METADATA, Column("key", Text, primary_key=True))
PERSON = Insert(PEOPLE, "name", "at", "facts", "sealed")
LETTER, CLAIM = Insert(LETTERS), Insert(CLAIMS)
NOW = utc_now()


@pytest.fixture
async def transactions(postgres: PostgresServer) -> AsyncIterator[Transactions]:
    name = f"writes_{utc_now().timestamp():.6f}".replace(".", "_")
    database = Database(postgres.create_database(name), pool_size=4)
    async with database.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    yield Transactions(database, PLUMBING, "intake")
    await database.dispose()
    postgres.drop_database(name)


def person(name: str, **given: Any) -> dict[str, Any]:
    return {"name": name, "at": NOW, "facts": {"a": [1]}, "sealed": b"\0x"} | given


async def written(transactions: Transactions, table: Table) -> list[Any]:
    async with transactions.begin() as tx:
        return list(await tx.session.execute(table.select()))


async def test_rows_of_several_tables_are_one_statement(transactions: Transactions) -> None:
    with recorded() as traced, span("work"):
        async with transactions.begin() as tx:
            tx.write(PERSON, person("Alex"))
            tx.write(LETTER, {"to": "Alex", "body": "x"}, {"to": "Sam", "body": None})
    (statement,) = [one for one in traced.spans if one.name == "WITH"]
    assert "Alex" not in str((statement.attributes or {})[DB_STATEMENT])
    ((_, *row),) = await written(transactions, PEOPLE)
    assert row == ["Alex", NOW, {"a": [1]}, b"\0x"]
    assert await written(transactions, LETTERS) == [("Alex", "x"), ("Sam", None)]


async def test_rows_of_one_table_keep_their_order(transactions: Transactions) -> None:
    names = [f"person {number:03}" for number in range(300, 0, -1)]
    async with transactions.begin() as tx:
        for name in names:
            tx.write(PERSON, person(name, facts=None))
    rows = sorted(await written(transactions, PEOPLE), key=lambda row: row.position)
    assert [row.name for row in rows] == names


async def test_one_that_cannot_be_written_leaves_nothing(transactions: Transactions) -> None:
    async def write() -> None:
        async with transactions.begin() as tx:
            tx.write(LETTER, {"to": "Alex", "body": "x"})
            tx.write(PERSON, person("Alex", at=None))

    with pytest.raises(Exception, match="people") as failure:
        await write()
    assert sqlstate(failure.value) == "23502"
    assert not is_outage(failure.value)
    assert await written(transactions, LETTERS) == []


async def test_what_was_done_in_the_session_comes_first_and_shares_its_fate(
    transactions: Transactions,
) -> None:
    async with transactions.begin() as tx:
        await tx.session.execute(PEOPLE.insert(), person("Alex"))
        tx.write(LETTER, {"to": "Alex", "body": "x"})
    assert (
        len(await written(transactions, PEOPLE)) == len(await written(transactions, LETTERS)) == 1
    )

    async def write_again() -> None:
        async with transactions.begin() as tx:
            await tx.session.execute(PEOPLE.insert(), person("Sam"))
            tx.write(PERSON, person("Alex"))

    with pytest.raises(IntegrityError):
        await write_again()
    assert [row.name for row in await written(transactions, PEOPLE)] == ["Alex"]


async def test_an_exception_writes_nothing(transactions: Transactions) -> None:
    async def fail() -> None:
        async with transactions.begin() as tx:
            tx.write(LETTER, {"to": "Alex", "body": "x"})
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await fail()
    assert await written(transactions, LETTERS) == []


async def test_what_was_rolled_back_is_forgotten(transactions: Transactions) -> None:
    async with transactions.begin() as tx:
        tx.write(LETTER, {"to": "Alex", "body": "x"})
        await tx.rollback()
        tx.write(LETTER, {"to": "Sam", "body": "x"})
    assert await written(transactions, LETTERS) == [("Sam", "x")]


async def test_what_is_claimed_already_is_not_written_again(transactions: Transactions) -> None:
    async def claim(tx: Transaction, to: str) -> bool:
        tx.write(LETTER, {"to": to, "body": "x"})
        tx.write(PERSON, person(f"{to} 1"), person(f"{to} 2"))
        return await tx.commit_once(CLAIM, {"key": "k"})

    async with transactions.begin() as tx:
        assert await claim(tx, "Alex")
    async with transactions.begin() as tx:
        assert not await claim(tx, "Sam")
    assert await written(transactions, LETTERS) == [("Alex", "x")]
    assert len(await written(transactions, PEOPLE)) == 2


async def test_who_claims_meanwhile_waits_for_the_first(transactions: Transactions) -> None:
    async def second() -> bool:
        async with transactions.begin() as tx:
            tx.write(LETTER, {"to": "Sam", "body": "x"})
            return await tx.commit_once(CLAIM, {"key": "k"})

    async with transactions.begin() as first:
        await first.session.execute(CLAIMS.insert(), {"key": "k"})
        waiting = asyncio.create_task(second())
        done, _ = await asyncio.wait({waiting}, timeout=0.2)
        assert not done
        await first.rollback()
    assert await waiting
    assert await written(transactions, LETTERS) == [("Sam", "x")]


async def test_what_did_more_than_write_cannot_be_done_once(transactions: Transactions) -> None:
    async with transactions.begin() as tx:
        await tx.session.execute(sql("SELECT 1"))
        with pytest.raises(RuntimeError, match="nothing but write"):
            await tx.commit_once(CLAIM, {"key": "k"})


async def test_a_database_that_is_away_is_unavailable() -> None:
    away = Database(f"postgresql://x@127.0.0.1:{free_ports(1)[0]}/x")
    with pytest.raises(Unavailable):
        async with Transactions(away, PLUMBING, "intake").begin() as tx:
            tx.write(LETTER, {"to": "Alex", "body": "x"})
    await away.dispose()


async def test_a_connection_that_is_cut_in_the_middle_is_an_outage_and_is_replaced(
    transactions: Transactions, postgres: PostgresServer
) -> None:
    async with transactions.begin() as held:
        await held.session.execute(sql("LOCK TABLE letters IN EXCLUSIVE MODE"))
        writing = asyncio.create_task(_write(transactions))
        await asyncio.wait({writing}, timeout=0.2)
        await held.session.execute(
            sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
        with pytest.raises(Unavailable):
            await writing
    await _write(transactions)
    assert await written(transactions, LETTERS) == [("Alex", "x")]


async def _write(transactions: Transactions) -> None:
    async with transactions.begin() as tx:
        tx.write(LETTER, {"to": "Alex", "body": "x"})


async def test_an_idle_connection_that_was_closed_costs_nobody_a_refusal(
    transactions: Transactions,
) -> None:
    await _write(transactions)
    async with transactions.begin() as other:
        await other.session.execute(
            sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    await _write(transactions)
    assert len(await written(transactions, LETTERS)) == 2


async def test_a_caller_who_gives_up_leaves_a_connection_that_works(
    transactions: Transactions,
) -> None:
    async with transactions.begin() as held:
        await held.session.execute(sql("LOCK TABLE letters IN EXCLUSIVE MODE"))
        for _ in range(6):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(_write(transactions), 0.05)
    await _write(transactions)
    assert await written(transactions, LETTERS) == [("Alex", "x")]
