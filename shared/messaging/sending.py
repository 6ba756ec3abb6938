"""Hands claimed events to the bus: all of them before it waits for any, and all or nothing."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer

from shared.messaging.bus import Bus, BusAway, within
from shared.messaging.claims import OutboxRow
from shared.messaging.giving_up import abandon_producer
from shared.messaging.packets import Packet, packed

# The producer takes a partition's next packet when the one before it has left.
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
        self._partitions: dict[str, int] = {}

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

    async def send(self, rows: Sequence[OutboxRow]) -> "asyncio.Future[Any]":
        """Hand all of them over; what is answered is done when the bus has acknowledged each."""
        producer = await self.connect()
        partitions = {row.topic: self._partitions[row.topic] for row in rows}
        packets = list(packed(producer, rows, partitions, self._service))
        return await within(SEND_SECONDS, _hand_over(producer, packets))

    async def _look_for(self, topic: str) -> None:
        producer = await self.connect()
        try:
            found = await within(TOPIC_SECONDS, producer.partitions_for(topic))
            self._partitions[topic] = len(found)
        except BusAway as error:
            await self._bus.cluster_id()  # answers if the fault is the topic's alone
            self._absent[topic] = time.monotonic() + ABSENT_SECONDS
            log.warning("relay.topic-missing", topic=topic, error=str(error))


async def _hand_over(
    producer: AIOKafkaProducer, packets: Sequence[Packet]
) -> "asyncio.Future[Any]":
    handed: list[asyncio.Future[Any]] = []
    for packet in packets:
        future = await producer.send_batch(packet.builder, packet.topic, partition=packet.partition)
        future.add_done_callback(packet.end)
        handed.append(future)
    every = asyncio.gather(*handed)
    every.add_done_callback(_heard)
    return every


def _heard(done: "asyncio.Future[Any]") -> None:
    """Whoever gave up waiting leaves nothing behind for the event loop to complain of."""
    if not done.cancelled():
        done.exception()
