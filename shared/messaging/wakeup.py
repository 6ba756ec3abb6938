"""A hint that the outbox has something new; only a hint, since a lost one costs a poll interval."""

import asyncio
from typing import cast

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database import Database, is_outage
from shared.messaging.tables import OUTBOX_CHANNEL


class OutboxSignal:
    """Listens on its own connection for PostgreSQL's NOTIFY."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: AsyncConnection | None = None
        self._rung = asyncio.Event()
        self._lost = False

    async def wait(self, seconds: float) -> None:
        """Return when something was written, or after `seconds`."""
        if self._lost:
            await self.close()
        await self._listen()
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            pass
        self._rung.clear()

    def ring(self, *_: object) -> None:
        """Let whoever waits look now."""
        self._rung.set()

    async def close(self) -> None:
        """Stop listening."""
        connection, self._connection, self._lost = self._connection, None, False
        # Invalidated, because it must not go back to the pool while it listens.
        if connection is not None:
            await connection.invalidate()
            await connection.close()

    async def _listen(self) -> None:
        if self._connection is not None:
            return
        try:
            self._connection = await self._database.engine.connect()
            driver = await _driver(self._connection)
            driver.add_termination_listener(self._ended)
            await driver.add_listener(OUTBOX_CHANNEL, self.ring)
            self.ring()
        except Exception as error:
            await self.close()
            if not is_outage(error):
                raise

    def _ended(self, *_: object) -> None:
        self._lost = True
        self.ring()


async def _driver(connection: AsyncConnection) -> asyncpg.Connection:
    raw = await connection.get_raw_connection()
    return cast("asyncpg.Connection", raw.driver_connection)
