"""Bring a service's database up to date with its checked-in Alembic migrations."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from shared.connections import CONNECT_SECONDS
from shared.database import async_url

# Two processes of one service may start together: the second waits and finds nothing to do.
_MIGRATION_LOCK = 7_305_501
# Longer than any migration takes, and than waiting for somebody else's.
STATEMENT_SECONDS = 600


async def migrate(database_url: str, package: str, to: str = "head") -> None:
    """Apply what is missing; `package` is the service's, such as `services.intake`."""
    limits = {"timeout": CONNECT_SECONDS, "command_timeout": STATEMENT_SECONDS}
    engine = create_async_engine(async_url(database_url), connect_args=limits)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade, scripts(package), to)
    finally:
        await engine.dispose()


def scripts(package: str) -> ScriptDirectory:
    """The migrations of one service, found beside its tables."""
    folder = package.replace(".", "/") + "/storage/migrations"
    return ScriptDirectory(str(_root() / folder))


def _root() -> Path:
    return Path(__file__).resolve().parent.parent


def _upgrade(connection: Connection, script: ScriptDirectory, to: str) -> None:
    connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
    context = MigrationContext.configure(
        connection,
        opts={"fn": lambda revision, _: script._upgrade_revs(to, revision)},  # noqa: SLF001
    )
    with _operations(context):
        context.run_migrations()


@contextmanager
def _operations(context: MigrationContext) -> Iterator[None]:
    with Operations.context(context):
        yield
