"""Hands claimed events to the bus: all of them before it waits for any, and all or nothing."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer

from shared.events.envelope import Headers, to_kafka_headers
from shared.messaging import spans
from shared.messaging.bus import Bus, BusAway, within
from shared.messaging.claims import OutboxRow
from shared.messaging.giving_up import abandon_producer

# A batch that is not acknowledged in time fails whole, so nothing overtakes within a key.
SEND_SECONDS = 10.0
TOPIC_SECONDS = 2.0
# How long the events of a topic that is missing are left alone, so that they hold up no others.
ABSENT_SECONDS = 10.0

log = structlog.get_logger()


class Sender:
    """One relay's producer, made anew after every failure; nothing leaves unless `may_send`."""

    def __init__(self, service: str, bus: Bus, may_send: Callable[[], bool]) -> None:
        self._service = service
        self._bus = bus
        self._may_send = may_send
        self._producer: AIOKafkaProducer | None = None
        self._absent: dict[str, float] = {}

    async def connect(self) -> AIOKafkaProducer:
        """The producer, started."""
        if self._producer is None:
            self._producer = await self._bus.producer(self._may_send)
        return self._producer

    async def drop(self) -> None:
        """Give the producer up with whatever it still holds; the outbox has it too."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await abandon_producer(producer)

    def absent(self) -> list[str]:
        """Topics that the bus lacked, or kept from us, a moment ago."""
        now = time.monotonic()
        self._absent = {topic: until for topic, until in self._absent.items() if until > now}
        return sorted(self._absent)

    async def sendable(self, rows: Sequence[OutboxRow]) -> list[OutboxRow]:
        """Those whose topic is there."""
        for topic in {row.topic for row in rows}:
            await self._look_for(topic)
        return [row for row in rows if row.topic not in self._absent]

    async def send(self, rows: Sequence[OutboxRow]) -> None:
        """Return when the bus has acknowledged every one."""
        await within(SEND_SECONDS, self._deliver(await self.connect(), rows))

    async def _look_for(self, topic: str) -> None:
        producer = await self.connect()
        try:
            await within(TOPIC_SECONDS, producer.partitions_for(topic))
        except BusAway as error:
            await self._bus.cluster_id()  # answers if the fault is the topic's alone
            self._absent[topic] = time.monotonic() + ABSENT_SECONDS
            log.warning("relay.topic-missing", topic=topic, error=str(error))

    async def _deliver(self, producer: AIOKafkaProducer, rows: Sequence[OutboxRow]) -> None:
        await asyncio.gather(*[await self._hand_over(producer, row) for row in rows])

    async def _hand_over(self, producer: AIOKafkaProducer, row: OutboxRow) -> asyncio.Future[Any]:
        headers = _headers(row, self._service)
        span = spans.start_send(row.topic, headers)
        sent = to_kafka_headers(spans.sent_within(span, headers))
        try:
            future = await producer.send(
                row.topic, value=row.body, key=row.key.encode(), headers=sent
            )
        except BaseException as error:
            spans.end(span, error)
            raise
        future.add_done_callback(lambda done: spans.end(span, _error_of(done)))
        return future


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
