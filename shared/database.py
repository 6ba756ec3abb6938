"""One PostgreSQL engine per process, with a time-out on everything it does."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, async_sessionmaker

from shared.connections import engine_to, lent
from shared.sql_spans import traced_statement

POOL_CONNECTIONS = 16

# Classes of SQLSTATE that say "the server is not itself right now", not "your statement is wrong":
# connection, idle for too long, resources, operator intervention (shutdown, crash), system (disk).
_OUTAGE_CLASSES = ("08", "25P03", "53", "57P", "58")

_UNDONE_AFTER = text("SELECT set_config('idle_in_transaction_session_timeout', :idle, true)")


class Database:
    """A pool of connections to one service's own database."""

    def __init__(
        self, url: str, *, pool_size: int = POOL_CONNECTIONS, name: str = "scrutiny"
    ) -> None:
        self.engine = engine_to(async_url(url), pool_size, name)
        self._name = self.engine.url.database or ""
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
        connection = await lent(self.engine)
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
