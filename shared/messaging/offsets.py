"""Where a consumer is in its partitions, counted by what has taken effect, not by what was read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from shared.clock import utc_now
from shared.messaging.broker import Batch
from shared.messaging.bus import BusAway, within

POSITION_SECONDS = 1


@dataclass
class Progress:
    """Sees whether positions move; `in_hand` holds where the batch being applied begins.

    While the bus is away nothing can move, and that is not the consumer's fault.
    """

    away: bool = False
    in_hand: Mapping[TopicPartition, int] = field(default_factory=dict)
    moved_at: datetime = field(default_factory=utc_now)
    _read: int = -1

    async def state(self, consumer: Any) -> dict[str, Any]:
        """Every partition with its position, and when one last moved or nothing could."""
        partitions = await self._partitions(consumer) if consumer else []
        read = sum(one["position"] for one in partitions)
        waiting = any(one["lag"] for one in partitions) and not self.away
        if read != self._read or not waiting:
            self._read, self.moved_at = read, utc_now()
        return {"away": self.away, "moved_at": self.moved_at, "partitions": partitions}

    async def _partitions(self, consumer: Any) -> list[dict[str, Any]]:
        try:
            return [await self._one(consumer, one) for one in sorted(consumer.assignment())]
        except (BusAway, KafkaError):
            return []  # in the middle of a rebalance there is no position to tell

    async def _one(self, consumer: Any, partition: TopicPartition) -> dict[str, Any]:
        read = await within(POSITION_SECONDS, consumer.position(partition))
        position = self.in_hand.get(partition, read)
        end = consumer.highwater(partition)
        lag = None if end is None else max(0, end - position)
        name = {"topic": partition.topic, "partition": partition.partition}
        return {**name, "position": position, "end": end, "lag": lag}


def first_offsets(batch: Batch) -> Mapping[TopicPartition, int]:
    """Where each partition of a batch begins."""
    found: dict[TopicPartition, int] = {}
    for delivery in batch.deliveries:
        found.setdefault(_partition(delivery.raw), delivery.raw.offset)
    return found


def next_offsets(batch: Batch) -> Mapping[TopicPartition, int]:
    """Where each partition goes on after a batch."""
    return {_partition(one.raw): one.raw.offset + 1 for one in batch.deliveries}


def _partition(raw: Any) -> TopicPartition:
    return TopicPartition(raw.topic, raw.partition)
