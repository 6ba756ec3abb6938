"""The migrations of intake and the tables its code believes in are the same."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from services.intake.storage.tables import Row
from shared.transaction import Transactions


async def test_migrations_make_the_declared_tables(transactions: Transactions) -> None:
    def differences(connection: Connection) -> object:
        options = {"compare_type": True, "compare_server_default": False}
        return compare_metadata(MigrationContext.configure(connection, opts=options), Row.metadata)

    async with transactions.database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
