"""Tells relays that the outbox has something new: after the commit, never within it.

PostgreSQL lets only one transaction that notifies commit at a time, and the next waits until that
commit is on the disk: a NOTIFY within the transactions that write would keep them from sharing a
flush. So it is a transaction of its own, which has nothing to flush, and many commits share one.
It is a hint: where it is lost, with its process for instance, the relay's next poll finds the
events.
"""

import asyncio
from contextvars import Context

import structlog

from shared.database import Database, is_outage
from shared.messaging.tables import OUTBOX_CHANNEL

# While commits follow each other this closely, a relay that is awake need not be woken for each.
PAUSE_SECONDS = 0.005
REST_SECONDS = 1.0

_log = structlog.get_logger(__name__)


class OutboxBell:
    """The bell of one service's outbox."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._due = False
        self._task: asyncio.Task[None] | None = None
        database.before_dispose(self.rest)

    def ring(self) -> None:
        """Something new is committed; nobody waits for the relay to hear of it."""
        self._due = True
        if self._task is None or self._task.done():
            # Belongs to no request, so neither to its trace.
            self._task = asyncio.create_task(self._run(), name="outbox-bell", context=Context())

    async def rest(self) -> None:
        """Let it ring to its end."""
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=REST_SECONDS)

    async def _run(self) -> None:
        while self._due:
            self._due = False
            try:
                await self._database.run_alone(f"NOTIFY {OUTBOX_CHANNEL}", [])
            except Exception as error:
                if not is_outage(error):
                    raise
                _log.info("relay not woken", error=type(error).__name__)
            await asyncio.sleep(PAUSE_SECONDS)
