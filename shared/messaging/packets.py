"""Claimed events packed for the bus: what goes to one partition travels together, in order."""

import asyncio
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError
from aiokafka.partitioner import murmur2
from opentelemetry.trace import Span

from shared.events.envelope import Headers, to_kafka_headers
from shared.messaging import spans
from shared.messaging.claims import OutboxRow

_POSITIVE = 0x7FFFFFFF


class Packet:
    """Events for one partition, each with its span; as many as fit into one of Kafka's batches."""

    def __init__(self, topic: str, partition: int, builder: Any) -> None:
        self.topic, self.partition, self.builder = topic, partition, builder
        self._spans: list[Span] = []

    def takes(self, row: OutboxRow, service: str) -> bool:
        """Put one more in; False if there is no room for it."""
        headers = _headers(row, service)
        span = spans.start_send(row.topic, headers)
        sent = to_kafka_headers(spans.sent_within(span, headers))
        packed = self.builder.append(
            timestamp=None, key=row.key.encode(), value=row.body, headers=sent
        )
        if packed is not None:
            self._spans.append(span)
        return packed is not None

    def end(self, done: "asyncio.Future[Any]") -> None:
        """The bus has answered, or will not: that is the end of every event's span."""
        error = None if done.cancelled() else done.exception()
        for span in self._spans:
            spans.end(span, error)


def packed(
    producer: AIOKafkaProducer, rows: Sequence[OutboxRow], partitions: dict[str, int], service: str
) -> Iterator[Packet]:
    """All rows in packets; those of one partition are in the order of its events."""
    filling: dict[tuple[str, int], Packet] = {}
    for row in rows:
        place = row.topic, partition_of(row.key, partitions[row.topic])
        packet = filling.get(place)
        if packet is not None and packet.takes(row, service):
            continue
        filling[place] = packet = Packet(*place, producer.create_batch())
        if not packet.takes(row, service):
            raise MessageSizeTooLargeError(f"{row.topic} at {row.position}")
        yield packet


def partition_of(key: str, partitions: int) -> int:
    """Where every Kafka client puts this key."""
    return _digest(key) % partitions


# Worked out in Python, and asked again for each event of a key.
@lru_cache(maxsize=65_536)
def _digest(key: str) -> int:
    return murmur2(key.encode()) & _POSITIVE


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
