"""From the outbox to the bus: in order per key, at least once, and again to a bus that was lost."""

import asyncio
import math
import os
import secrets
import socket
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import structlog
from aiokafka.errors import KafkaError

from shared.database import Database, is_collision, is_outage
from shared.messaging.backoff import Backoff
from shared.messaging.bus import Bus, BusAway
from shared.messaging.claims import OutboxRow, claim, mark_sent
from shared.messaging.flight import Flight
from shared.messaging.leases import Leases
from shared.messaging.meeting import meet_bus
from shared.messaging.sending import Sender
from shared.messaging.wakeup import OutboxSignal

BATCH = 500
# Batches that may be on their way while the next one is read.
ON_THEIR_WAY = 2
LEASE_SECONDS = 10.0
IDLE_SECONDS = 0.5
LAND_SECONDS = 1.0
# A bus made anew is filled again without waiting for the next event.
ASK_BUS_SECONDS = 2.0

log = structlog.get_logger()


class Relay:
    """One of the relays of a service; several share its outbox by shard."""

    def __init__(
        self, service: str, database: Database, bus: Bus, lease_seconds: float = LEASE_SECONDS
    ) -> None:
        self._database = database
        self._bus = bus
        name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._leases = Leases(name, lease_seconds)
        self._sender = Sender(service, bus, self._leases.hold)
        self._signal = OutboxSignal(database)
        self._flight = Flight(on_failure=self._signal.ring)
        self._cluster: str | None = None
        self._asked_at = -math.inf
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin relaying in the background; a bus or database that is away is waited for."""
        self._task = asyncio.create_task(self._run(), name="relay")

    async def stop(self) -> None:
        """Settle what is on its way, if that is quick, and hand the shards over."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        await self._let_land()
        await self._drop()
        await self._signal.close()
        await self._bus.close()
        try:
            async with asyncio.timeout(2):
                await self._leases.release(self._database)
        except Exception as error:  # noqa: BLE001 - the leases end by themselves
            log.warning("relay.leases-left-to-expire", error=type(error).__name__)

    async def state(self) -> dict[str, Any]:
        """What an operator is shown."""
        shards = sorted(self._leases.epochs)
        told = {"owner": self._leases.me, "shards": shards, "cluster": self._cluster}
        return told | {"absent_topics": self._sender.absent()}

    async def _run(self) -> None:
        backoff = Backoff()
        while True:
            try:
                if not await self._send_next():
                    await self._signal.wait(IDLE_SECONDS)
                await self._flight.at_most(ON_THEIR_WAY)
                backoff.reset()
            except Exception as error:  # noqa: BLE001 - the relay is never given up
                _log_failure(error)
                await self._drop()
                await backoff.sleep()

    async def relay_once(self) -> None:
        """Send one batch and settle it."""
        await self._send_next()
        await self._flight.all()

    async def _send_next(self) -> bool:
        """Hand one batch over; whether it is known already that there is more to do."""
        await self._keep_leases()
        if not self._leases.epochs:
            return False
        rows = await self._claim()
        if not rows and time.monotonic() - self._asked_at < ASK_BUS_SECONDS:
            return False
        if rows:
            await self._sender.connect()
        # Asked after the producer was connected and before every batch: a bus made anew must get
        # the old events before the new ones, so what was claimed before it was met is claimed anew.
        if not await self._same_bus():
            return True
        if rows:
            await self._send(rows)
        return len(rows) == BATCH

    async def _claim(self) -> list[OutboxRow]:
        shards, absent = list(self._leases.epochs), self._sender.absent()
        return await claim(self._database, shards, BATCH, absent, self._flight.positions())

    async def _keep_leases(self) -> None:
        if self._leases.need_renewal():
            # A shard that is given back must have nothing on its way.
            await self._flight.all()
            await self._leases.renew(self._database)

    async def _same_bus(self) -> bool:
        cluster = await self._bus.cluster_id()
        self._asked_at = time.monotonic()
        if cluster == self._cluster:
            return True
        await self._drop()
        again = await meet_bus(self._database, cluster)
        self._cluster = cluster
        log.info("relay.met-bus", cluster=cluster, events_sent_again=again)
        return False

    async def _send(self, claimed: Sequence[OutboxRow]) -> None:
        rows = await self._sender.sendable(claimed)
        if self._cluster is None or not self._leases.hold():
            raise BusAway("the leases may have ended while the bus was asked")
        acknowledged = await self._sender.send(rows)
        positions = [row.position for row in rows]
        settle = partial(self._settle, self._leases.epochs, self._cluster, positions)
        self._flight.add(positions, acknowledged, settle)

    async def _settle(
        self, epochs: Mapping[int, int], cluster: str, positions: Sequence[int]
    ) -> None:
        await mark_sent(self._database, self._leases.me, epochs, cluster, positions)

    async def _let_land(self) -> None:
        try:
            async with asyncio.timeout(LAND_SECONDS):
                await self._flight.all()
        except Exception as error:  # noqa: BLE001 - whoever is next sends it again
            log.warning("relay.left-on-its-way", error=type(error).__name__)

    async def _drop(self) -> None:
        """Give up what is on its way and the producer with it; the outbox has it all."""
        await self._flight.drop()
        await self._sender.drop()


def _log_failure(error: Exception) -> None:
    """A bus or database that is away, or another relay in the way, is no fault of ours."""
    if isinstance(error, BusAway | KafkaError) or is_outage(error) or is_collision(error):
        log.warning("relay.waiting", error=str(error) or type(error).__name__)
    else:
        log.error("relay.failed", exc_info=error)
