"""One PostgreSQL engine per process, with a time-out on everything it does."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.util import greenlet_spawn

from shared.sql_spans import trace_statements, traced_statement

POOL_CONNECTIONS = 16
CONNECT_SECONDS = 5
STATEMENT_SECONDS = 30
# Whoever is frozen between two statements keeps its locks for so long and no longer: whoever waits
# for them outlasts that within one statement.
IDLE_SECONDS = 15
POOL_WAIT_SECONDS = 5

# Classes of SQLSTATE that say "the server is not itself right now", not "your statement is wrong":
# connection, idle for too long, resources, operator intervention (shutdown, crash), system (disk).
_OUTAGE_CLASSES = ("08", "25P03", "53", "57P", "58")

_UNDONE_AFTER = text("SELECT set_config('idle_in_transaction_session_timeout', :idle, true)")


class Database:
    """A pool of connections to one service's own database."""

    def __init__(
        self, url: str, *, pool_size: int = POOL_CONNECTIONS, name: str = "scrutiny"
    ) -> None:
        self.engine = create_async_engine(
            async_url(url),
            pool_size=pool_size,
            # Those beyond would be opened and closed again with every use.
            max_overflow=0,
            pool_timeout=POOL_WAIT_SECONDS,
            # Parameters are people's data: an error or a log names placeholders only.
            hide_parameters=True,
            connect_args={
                "timeout": CONNECT_SECONDS,
                "command_timeout": STATEMENT_SECONDS,
                "server_settings": {
                    "application_name": name,
                    "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
                },
            },
        )
        self._name = self.engine.url.database or ""
        trace_statements(self.engine.sync_engine)
        event.listen(self.engine.sync_engine, "checkout", _refuse_closed)
        event.listen(self.engine.sync_engine, "handle_error", _part_with_half_dead)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self._before_dispose: list[Callable[[], Awaitable[None]]] = []

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """A session in one transaction: committed at the end, rolled back on an error."""
        async with self._sessions() as session, session.begin():
            yield session

    def new_session(self) -> AsyncSession:
        """A session for whoever ends it; it takes a connection with its first statement."""
        return self._sessions()

    @asynccontextmanager
    async def begin_briefly(self, seconds: float) -> AsyncIterator[AsyncConnection]:
        """A transaction that the server undoes if this process freezes in it for so long."""
        async with self.engine.begin() as connection:
            await connection.execute(_UNDONE_AFTER, {"idle": f"{1000 * seconds:.0f}ms"})
            yield connection

    async def run_alone(self, statement: str, values: Sequence[Any]) -> Sequence[Any]:
        """One statement that is a transaction by itself, on the driver; answers its rows."""
        connection = await greenlet_spawn(self.engine.sync_engine.pool.connect)
        try:
            with traced_statement(statement, self._name):
                driver: Any = connection.driver_connection
                return await driver.fetch(statement, *values)
        except asyncpg.InternalClientError:
            connection.invalidate()
            raise
        finally:
            # Without a word to the server: nothing was begun that could be rolled back.
            connection.close()

    def before_dispose(self, end: Callable[[], Awaitable[None]]) -> None:
        """Whoever uses connections in the background ends it when they are to be closed."""
        self._before_dispose.append(end)

    async def dispose(self) -> None:
        """Close every connection."""
        for end in self._before_dispose:
            await end()
        await self.engine.dispose()


def _refuse_closed(connection: Any, *_: object) -> None:
    """The pool opens another in place of one that the server closed while nobody used it.

    The driver knows of it already, so that asking costs nothing.
    """
    if connection.driver_connection.is_closed():
        raise DisconnectionError("the server closed this connection")


def _part_with_half_dead(failure: Any) -> None:
    """The server has said goodbye and the connection is still open: the driver is at a loss."""
    if isinstance(failure.original_exception, asyncpg.InternalClientError):
        failure.is_disconnect = True


def async_url(url: str) -> str:
    """The same address for the asyncpg driver."""
    scheme, _, rest = url.partition("://")
    return url if "+" in scheme else f"postgresql+asyncpg://{rest}"


def is_outage(error: BaseException) -> bool:
    """Whether `error` says the database is away, so that trying again later is right."""
    # The driver's data errors are interface errors as well, and no outage.
    if isinstance(error, PoolTimeoutError | OSError | TimeoutError) or _is_closed(error):
        return True
    state = sqlstate(error) or ""
    if not isinstance(error, DBAPIError):
        return state.startswith(_OUTAGE_CLASSES)
    lost = error.connection_invalidated or isinstance(error, InterfaceError)
    return lost or state.startswith(_OUTAGE_CLASSES) or _without_state(error, state)


def is_collision(error: BaseException) -> bool:
    """Whether two transactions got in each other's way, so that trying again at once is right."""
    return sqlstate(error) in {"40001", "40P01", "55P03"}


def sqlstate(error: BaseException) -> str | None:
    """PostgreSQL's code of an error, whether it came through SQLAlchemy or from the driver."""
    told = error.orig if isinstance(error, DBAPIError) else error
    return getattr(told, "sqlstate", None)


def _is_closed(error: BaseException) -> bool:
    return type(error) is asyncpg.InterfaceError or isinstance(error, asyncpg.InternalClientError)


def _without_state(error: DBAPIError, state: str) -> bool:
    return isinstance(error, OperationalError) and not state
