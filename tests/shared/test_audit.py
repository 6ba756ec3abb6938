"""The audit trail is only ever added to, and shows when it was not."""

from collections.abc import AsyncIterator

import pytest
from msgspec import Struct
from sqlalchemy import MetaData, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from shared.audit import audit_table, first_broken, record
from shared.clock import utc_now
from shared.database import Database
from tests.servers import PostgresServer

METADATA = MetaData()
audit_table(METADATA)


class Tx(Struct):
    """The part of a transaction that `record` needs."""

    session: AsyncSession


@pytest.fixture
async def database(postgres: PostgresServer) -> AsyncIterator[Database]:
    url = postgres.create_database(f"audit_{utc_now().timestamp():.6f}".replace(".", "_"))
    database = Database(url, pool_size=5)
    async with database.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    yield database
    await database.dispose()


async def write(database: Database, subject: str, *acts: str) -> None:
    for act in acts:
        async with database.session() as session:
            await record(
                Tx(session),
                actor="p1",
                act=act,
                subject=subject,
                reason="because",
                before={"state": "open", "count": 1.50},
                after=None,
                now=utc_now(),
            )


async def broken(database: Database) -> tuple[str, int] | None:
    async with database.session() as session:
        return await first_broken(session)


async def tamper(database: Database, statement: str) -> None:
    async with database.session() as session:
        await session.execute(text("ALTER TABLE audit_log DISABLE TRIGGER ALL"))
        await session.execute(text(statement))


async def test_entries_keep_their_order_by_subject(database: Database) -> None:
    await write(database, "A", "opened", "closed")
    await write(database, "B", "opened")
    async with database.session() as session:
        rows = (await session.execute(text("SELECT * FROM audit_log ORDER BY entry"))).all()
    assert [(row.subject, row.position, row.act) for row in rows] == [
        ("A", 1, "opened"),
        ("A", 2, "closed"),
        ("B", 1, "opened"),
    ]
    assert rows[0].before == {"state": "open", "count": 1.5}
    assert await broken(database) is None


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_log SET act = 'other'", "DELETE FROM audit_log", "TRUNCATE audit_log"],
)
async def test_nothing_in_it_can_be_changed_or_removed(database: Database, statement: str) -> None:
    await write(database, "A", "opened")
    with pytest.raises(DBAPIError, match="only ever added to"):
        async with database.session() as session:
            await session.execute(text(statement))


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        ("UPDATE audit_log SET reason = 'other' WHERE position = 2", ("A", 2)),
        ("UPDATE audit_log SET actor = 'p2' WHERE position = 1", ("A", 1)),
        ("DELETE FROM audit_log WHERE position = 2", ("A", 3)),
    ],
)
async def test_whoever_gets_past_the_trigger_is_found_out(
    database: Database, statement: str, where: tuple[str, int]
) -> None:
    await write(database, "A", "one", "two", "three")
    await tamper(database, statement)
    assert await broken(database) == where


async def test_two_at_once_on_one_subject_never_share_a_position(database: Database) -> None:
    async with database.session() as first:
        await write_in(first)
        second = database.session()
        other = await second.__aenter__()
        await other.execute(text("SET lock_timeout = '200ms'"))
        with pytest.raises((DBAPIError, IntegrityError)):
            await write_in(other)
        await other.rollback()
        await other.close()
    assert await broken(database) is None


async def write_in(session: AsyncSession) -> None:
    await record(Tx(session), actor="p", act="did", subject="A", now=utc_now())
