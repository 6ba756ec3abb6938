"""A server that has said goodbye on a connection which is still open: an outage, not a fault."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from urllib.parse import urlsplit

import asyncpg
import pytest
from sqlalchemy import text

from services.intake.storage.tables import PLUMBING
from shared.database import Database
from shared.errors import Unavailable
from shared.transaction import Transactions
from tests.servers import PostgresServer


class SilentEnd:
    """Passes bytes on, but of the first connection not that the server has closed its side."""

    def __init__(self, port: int) -> None:
        self._server_port = port
        self._serving: set[asyncio.Task[None] | None] = set()
        self.ended = asyncio.Event()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        """The port to connect to."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            await asyncio.wait({task for task in self._serving if task is not None}, timeout=10)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._serving.add(asyncio.current_task())
        there, back = await asyncio.open_connection("127.0.0.1", self._server_port)
        away = asyncio.create_task(_copy(reader, back))
        await _copy(there, writer)
        if not self.ended.is_set():
            self.ended.set()
            await away
        for one in (back, writer):
            one.close()
        await away


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass


@pytest.fixture
async def transactions(postgres: PostgresServer) -> AsyncIterator[Transactions]:
    """On a database whose one connection has just been said goodbye on."""
    between, there = SilentEnd(postgres.port), urlsplit(postgres.url())
    async with between.listening() as port:
        account = f"{there.username}:{there.password}"
        database = Database(f"postgresql://{account}@127.0.0.1:{port}/postgres", pool_size=1)
        ((pid,),) = await database.run_alone("SELECT pg_backend_pid()", [])
        await _terminate(postgres, pid)
        await asyncio.wait_for(between.ended.wait(), 10)
        yield Transactions(database, PLUMBING, "intake")
        await database.dispose()


async def test_what_only_writes_is_told_of_an_outage_once(transactions: Transactions) -> None:
    for expected in (pytest.raises(Unavailable), nullcontext()):
        with expected:
            async with transactions.begin():
                await transactions.database.run_alone("SELECT 1", [])


async def test_a_session_is_told_of_an_outage_once(transactions: Transactions) -> None:
    for expected in (pytest.raises(Unavailable), nullcontext()):
        with expected:
            async with transactions.begin() as tx:
                await tx.session.execute(text("SELECT 1"))


async def _terminate(postgres: PostgresServer, pid: int) -> None:
    connection = await asyncpg.connect(postgres.url())
    await connection.execute(f"SELECT pg_terminate_backend({pid})")
    await connection.close()
