"""The migrations make exactly the tables that the code reads and writes."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from services.deadlines.storage import (
    act_tables,
    calendar_tables,
    feed_tables,
    lone_tables,
    mail_tables,
)
from services.deadlines.storage.tables import Row
from shared.database import async_url

# Its tables are declared by reading it.
assert act_tables
assert calendar_tables
assert feed_tables
assert lone_tables
assert mail_tables


def _differences(connection: Connection) -> list[object]:
    options = {"compare_type": True}
    return compare_metadata(MigrationContext.configure(connection, opts=options), Row.metadata)


async def test_the_migrated_database_is_what_the_tables_say(database_url: str) -> None:
    engine = create_async_engine(async_url(database_url))
    async with engine.connect() as connection:
        assert await connection.run_sync(_differences) == []
    await engine.dispose()
