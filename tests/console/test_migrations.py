"""The console's migrations and the tables its code believes in are the same."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from services.console.storage.tables import Row
from shared.database import Database


async def test_migrations_make_the_declared_tables(database: Database) -> None:
    def differences(connection: Connection) -> object:
        options = {"compare_type": True, "compare_server_default": False}
        return compare_metadata(MigrationContext.configure(connection, opts=options), Row.metadata)

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
