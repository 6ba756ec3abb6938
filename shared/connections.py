"""The connections of one process to its database: opened, checked, lent out and taken back."""

from typing import Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.util import greenlet_spawn
from sqlalchemy.util.concurrency import in_greenlet

from shared.sql_spans import trace_statements

CONNECT_SECONDS = 5
STATEMENT_SECONDS = 30
# Whoever is frozen between two statements keeps its locks for so long and no longer: whoever waits
# for them outlasts that within one statement.
IDLE_SECONDS = 15
POOL_WAIT_SECONDS = 5


class _NoneAtHand(Exception):
    """A connection has to be opened, by somebody who can wait for it."""


def engine_to(url: str, pool_size: int, name: str) -> AsyncEngine:
    """SQLAlchemy's engine with a pool of so many connections; `name` is what the server shows."""
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        # Those beyond would be opened and closed again with every use.
        max_overflow=0,
        pool_timeout=POOL_WAIT_SECONDS,
        # Parameters are people's data: an error or a log names placeholders only.
        hide_parameters=True,
        connect_args={
            "async_creator_fn": _opened,
            "timeout": CONNECT_SECONDS,
            "command_timeout": STATEMENT_SECONDS,
            "server_settings": {
                "application_name": name,
                "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
            },
        },
    )
    trace_statements(engine.sync_engine)
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    event.listen(engine.sync_engine, "handle_error", _part_with_half_dead)
    return engine


async def lent(engine: AsyncEngine) -> PoolProxiedConnection:
    """A connection of the pool, until it is closed.

    SQLAlchemy's way to wait within calls that do not look like it (`greenlet_spawn`) takes as long
    as a short statement: where a connection is at hand, there is nothing to wait for.
    """
    pool: Any = engine.sync_engine.pool
    if pool.checkedin():
        try:
            return pool.connect()
        except _NoneAtHand:
            pass
    return await greenlet_spawn(pool.connect)


def _opened(*given: Any, **named: Any) -> Any:
    if not in_greenlet():
        raise _NoneAtHand
    return asyncpg.connect(*given, **named)


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
