"""Migrations make what the code declares, once, whoever else is at it."""

import asyncio
from importlib import import_module
from pkgutil import iter_modules
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine

from shared.database import async_url
from shared.migrations import migrate, scripts
from tests.messaging.ledger import METADATA, Ledger
from tests.servers import PostgresServer

SERVICES = ("intake", "deadlines", "directory", "inspections", "console")


def differences(connection: Connection, metadata: MetaData) -> list[object]:
    options = {"compare_type": True, "compare_server_default": True}
    return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)


async def differences_of(url: str, metadata: MetaData) -> list[object]:
    engine = create_async_engine(async_url(url))
    async with engine.connect() as connection:
        found = await connection.run_sync(differences, metadata)
    await engine.dispose()
    return found


def declared(service: str) -> MetaData:
    """All tables of a service, whichever modules of its storage declare them."""
    storage = import_module(f"services.{service}.storage")
    for module in iter_modules(storage.__path__):
        if module.name.endswith("tables"):
            import_module(f"{storage.__name__}.{module.name}")
    return import_module(f"{storage.__name__}.tables").Row.metadata


@pytest.mark.parametrize("service", SERVICES)
async def test_migrations_make_what_the_tables_say(postgres: PostgresServer, service: str) -> None:
    url = postgres.fresh_database(service)
    try:
        assert await differences_of(url, declared(service)) == []
    finally:
        postgres.drop_database(url.rpartition("/")[2])


async def test_the_plumbing_is_what_it_declares(ledger: Ledger) -> None:
    assert await differences_of(ledger.url, METADATA) == []


async def test_several_at_once_migrate_once(postgres: PostgresServer) -> None:
    name = f"migrated_{uuid4().hex[:12]}"
    url = postgres.create_database(name)
    try:
        await asyncio.gather(*(migrate(url, "services.directory") for _ in range(4)))
        engine = create_async_engine(async_url(url))
        async with engine.connect() as connection:
            heads = (
                await connection.scalars(text("SELECT version_num FROM alembic_version"))
            ).all()
            shards = await connection.scalar(text("SELECT count(*) FROM relay_shards"))
        await engine.dispose()
    finally:
        postgres.drop_database(name)
    assert heads == list(scripts("services.directory").get_heads())
    assert shards == 16


async def test_a_migration_that_fails_leaves_nothing_behind(postgres: PostgresServer) -> None:
    name = f"migrated_{uuid4().hex[:12]}"
    url = postgres.create_database(name)
    engine = create_async_engine(async_url(url))
    try:
        async with engine.begin() as connection:
            await connection.execute(text("CREATE TABLE relay_bus (in_the_way int)"))
        with pytest.raises(Exception, match="already exists"):
            await migrate(url, "services.directory")
        async with engine.connect() as connection:
            query = "SELECT relname FROM pg_class WHERE relname IN ('outbox', 'alembic_version')"
            assert (await connection.scalars(text(query))).all() == []
    finally:
        await engine.dispose()
        postgres.drop_database(name)


# The last revision of each service whose databases may still have it.
NOTIFYING = {"intake": "0004", "deadlines": "0011", "directory": "0003", "inspections": "0001"}
TRIGGER = (
    """CREATE FUNCTION notify_outbox() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN PERFORM pg_notify('outbox', ''); RETURN NULL; END $$""",
    """CREATE TRIGGER outbox_notify AFTER INSERT ON outbox
       FOR EACH STATEMENT EXECUTE FUNCTION notify_outbox()""",
)
LEFT_OF_IT = """
    SELECT tgname FROM pg_trigger WHERE tgrelid = 'outbox'::regclass
    UNION SELECT proname FROM pg_proc WHERE proname = 'notify_outbox'
"""


@pytest.mark.parametrize("service", NOTIFYING)
async def test_a_database_made_with_a_trigger_that_notifies_has_none_any_more(
    postgres: PostgresServer, service: str
) -> None:
    name, package = f"migrated_{uuid4().hex[:12]}", f"services.{service}"
    url = postgres.create_database(name)
    engine = create_async_engine(async_url(url))
    try:
        await migrate(url, package, NOTIFYING[service])
        async with engine.begin() as connection:
            for statement in TRIGGER:
                await connection.execute(text(statement))
            assert len((await connection.scalars(text(LEFT_OF_IT))).all()) == 2
        await migrate(url, package)
        async with engine.connect() as connection:
            assert (await connection.scalars(text(LEFT_OF_IT))).all() == []
    finally:
        await engine.dispose()
        postgres.drop_database(name)


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_one_line_of_migrations(service: str) -> None:
    assert len(scripts(f"services.{service}").get_heads()) == 1
