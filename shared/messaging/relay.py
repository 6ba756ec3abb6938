"""From the outbox to the bus: in order per key, at least once, and again to a bus that was lost."""

import asyncio
import math
import os
import secrets
import socket
import time
from collections.abc import Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared.database import Database, is_outage
from shared.events.envelope import Headers, to_kafka_headers
from shared.messaging import spans
from shared.messaging.backoff import Backoff
from shared.messaging.bus import Bus, BusAway, abandon, within
from shared.messaging.claims import OutboxRow, claim, mark_sent, meet_bus
from shared.messaging.leases import Leases
from shared.messaging.wakeup import OutboxSignal

BATCH = 500
LEASE_SECONDS = 10.0
# Below the producer's own time-out: a batch fails whole, so nothing overtakes within a key.
SEND_SECONDS = 10.0
IDLE_SECONDS = 0.5
WATCH_SECONDS = 5.0

log = structlog.get_logger()


class Relay:
    """One of the relays of a service; several share its outbox by shard."""

    def __init__(
        self, service: str, database: Database, bus: Bus, lease_seconds: float = LEASE_SECONDS
    ) -> None:
        self._service = service
        self._database = database
        self._bus = bus
        name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._leases = Leases(name, lease_seconds)
        self._signal = OutboxSignal(database)
        self._producer: AIOKafkaProducer | None = None
        self._cluster: str | None = None
        self._asked = -math.inf
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin relaying in the background; a bus or database that is away is waited for."""
        self._task = asyncio.create_task(self._run(), name="relay")

    async def stop(self) -> None:
        """Stop between two batches and hand the shards over."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        await self._signal.close()
        await self._drop_producer()
        await self._bus.close()
        try:
            async with asyncio.timeout(2), self._database.engine.begin() as connection:
                await self._leases.release(connection)
        except Exception as error:  # noqa: BLE001 - the leases end by themselves
            log.warning("relay.leases-left-to-expire", error=type(error).__name__)

    async def state(self) -> dict[str, Any]:
        """What an operator is shown."""
        shards = sorted(self._leases.epochs)
        return {"owner": self._leases.me, "shards": shards, "cluster": self._cluster}

    async def _run(self) -> None:
        backoff = Backoff()
        while True:
            try:
                sent = await self.relay_once()
                backoff.reset()
                if not sent:
                    await self._signal.wait(IDLE_SECONDS)
            except Exception as error:
                if not (isinstance(error, BusAway | KafkaError) or is_outage(error)):
                    log.exception("relay.failed")
                else:
                    log.warning("relay.waiting", error=str(error) or type(error).__name__)
                await self._drop_producer()
                await backoff.sleep()

    async def relay_once(self) -> int:
        """Send one batch and settle it; answers how many events were settled."""
        await self._keep_leases()
        if not self._leases.epochs:
            return 0
        async with self._database.engine.connect() as connection:
            rows = await claim(connection, list(self._leases.epochs), BATCH)
        # The bus is met even with nothing to send: it may be a new one, and health asks for it.
        if not rows and self._cluster is not None:
            return 0
        if not await self._same_bus():
            return 1
        return await self._settle(await self._send(rows)) if rows else 0

    async def _keep_leases(self) -> None:
        if self._leases.need_renewal():
            async with self._database.engine.begin() as connection:
                await self._leases.renew(connection)

    async def _same_bus(self) -> bool:
        """Ask before every batch: a bus made anew must get the old events before the new ones."""
        cluster = await self._bus.cluster_id()
        self._asked = time.monotonic()
        if cluster == self._cluster and self._producer is not None:
            return True
        await self._drop_producer()
        async with self._database.engine.begin() as connection:
            again = await meet_bus(connection, cluster)
        self._producer = await self._bus.producer()
        self._cluster = cluster
        if again:
            log.warning("relay.new-bus", cluster=cluster, events_sent_again=again)
        return not again

    async def _send(self, rows: Sequence[OutboxRow]) -> list[int]:
        """Hand all over before waiting for any; answers the positions that were acknowledged."""
        if self._producer is None or not self._leases.hold():
            raise BusAway("the leases may have ended while the bus was asked")
        deliveries = [await self._hand_over(self._producer, row) for row in rows]
        await within(SEND_SECONDS, asyncio.gather(*deliveries))
        return [row.position for row in rows]

    async def _hand_over(self, producer: AIOKafkaProducer, row: OutboxRow) -> asyncio.Future[Any]:
        headers = _headers(row, self._service)
        span = spans.start_send(row.topic, headers)
        sent = to_kafka_headers(spans.sent_within(span, headers))
        try:
            future = await within(
                SEND_SECONDS,
                producer.send(row.topic, value=row.body, key=row.key.encode(), headers=sent),
            )
        except BaseException as error:
            spans.end(span, error)
            raise
        future.add_done_callback(lambda done: spans.end(span, _error_of(done)))
        return future

    async def _settle(self, positions: list[int]) -> int:
        async with self._database.engine.begin() as connection:
            await mark_sent(connection, self._leases.me, self._leases.epochs, positions)
        return len(positions)

    async def _drop_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await abandon(producer)


def _headers(row: OutboxRow, source: str) -> Headers:
    return Headers(
        id=row.event_id,
        type=row.type,
        source=source,
        subject=row.subject,
        key=row.key,
        sequence=row.sequence,
        time=row.created_at,
        traceparent=row.traceparent,
        tracestate=row.tracestate,
    )


def _error_of(future: "asyncio.Future[Any]") -> BaseException | None:
    return None if future.cancelled() else future.exception()
