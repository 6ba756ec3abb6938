"""The background half of a service: consumer, relay, timers, and a report of their progress."""

import asyncio
import os
import socket
from collections.abc import Sequence
from typing import Any, Protocol

import msgspec
import structlog
from sqlalchemy import text

from shared.messaging.listener import Listener
from shared.messaging.relay import Relay
from shared.timer import Timer
from shared.transaction import Transactions

REPORT_SECONDS = 2.0
# Until the bus was met, so that a service that has just started is known to be well at once.
FIRST_REPORTS_SECONDS = 0.3
# A worker that has not reported for so long is no longer counted.
GONE_SECONDS = 60

log = structlog.get_logger()

_REPORT = text(
    """INSERT INTO worker_state (owner, seen_at, state)
       VALUES (:owner, clock_timestamp(), CAST(:state AS jsonb))
       ON CONFLICT (owner) DO UPDATE SET seen_at = clock_timestamp(), state = excluded.state"""
)
_FORGET = text(
    "DELETE FROM worker_state WHERE seen_at < clock_timestamp() - make_interval(secs => :gone)"
)
_LEAVE = text("DELETE FROM worker_state WHERE owner = :owner")


class Part(Protocol):
    """Something that runs in the background."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...


class Worker:
    """Starts its parts in order and stops them in reverse; says how each is getting on."""

    def __init__(
        self,
        transactions: Transactions,
        *,
        relay: Relay,
        listener: Listener | None = None,
        timers: Sequence[Timer] = (),
    ) -> None:
        self.transactions = transactions
        self._owner = f"{socket.gethostname()}-{os.getpid()}-{id(self):x}"
        self._relay = relay
        self._listener = listener
        self._timers = list(timers)
        self._reporter = Timer("report", REPORT_SECONDS, self._report)

    @property
    def parts(self) -> list[Part]:
        """In the order they are started: what produces work comes last."""
        listener = [self._listener] if self._listener else []
        return [self._relay, *self._timers, *listener, self._reporter]

    async def start(self) -> None:
        """Start everything; nothing here waits for a database or a bus."""
        for part in self.parts:
            await part.start()

    async def stop(self) -> None:
        """Stop everything, whatever one part does; then leave the list of workers."""
        for part in reversed(self.parts):
            try:
                await part.stop()
            except Exception:
                log.exception("worker.part-did-not-stop", part=type(part).__name__)
        await self._leave()

    async def state(self) -> dict[str, Any]:
        """What this worker is doing now."""
        return {
            "relay": await self._relay.state(),
            "listener": await self._listener.state() if self._listener else None,
            "timers": [timer.state() for timer in self._timers],
        }

    async def _report(self) -> None:
        told = await self.state()
        if told["relay"]["cluster"] is None:
            asyncio.get_running_loop().call_later(FIRST_REPORTS_SECONDS, self._reporter.wake)
        state = msgspec.json.encode(told).decode()
        async with self.transactions.begin() as tx:
            await tx.session.execute(_REPORT, {"owner": self._owner, "state": state})
            await tx.session.execute(_FORGET, {"gone": GONE_SECONDS})

    async def _leave(self) -> None:
        try:
            async with asyncio.timeout(2), self.transactions.begin() as tx:
                await tx.session.execute(_LEAVE, {"owner": self._owner})
        except Exception as error:  # noqa: BLE001 - the row ages by itself
            log.warning("worker.row-left-to-age", error=type(error).__name__)
