"""Keeps a consumer listening: starts when the bus is there, starts anew when the bus is another."""

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker

from shared.clock import utc_now
from shared.messaging.backoff import Backoff
from shared.messaging.broker import Batch, make_broker, subscribe
from shared.messaging.bus import Bus, BusAway, quietly, within
from shared.messaging.inbox import Consumer
from shared.settings import ServiceSettings

WATCH_SECONDS = 2.0
COMMIT_SECONDS = 5.0
START_SECONDS = 30.0

log = structlog.get_logger()


class Listener:
    """Runs one service's consumer in its group; offsets follow the database, never lead it."""

    def __init__(self, settings: ServiceSettings, consumer: Consumer) -> None:
        self._settings = settings
        self._consumer = consumer
        self._bus = Bus.of(settings)
        self._cluster: str | None = None
        self._subscriber: Any = None
        self._task: asyncio.Task[None] | None = None
        self._read = -1
        self._moved_at = utc_now()

    async def start(self) -> None:
        """Begin in the background; a bus that is away is waited for."""
        self._task = asyncio.create_task(self._run(), name="listener")

    async def stop(self) -> None:
        """Finish or give up the batch in hand, and leave the group."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        await self._bus.close()

    async def take(self, batch: Batch) -> None:
        """Apply a batch and commit its offsets; a batch that was not applied will be read again."""
        try:
            await self._consumer.take(batch.deliveries)
        except BaseException:
            self._rewind(batch)
            raise
        await self._commit(batch)

    async def state(self) -> dict[str, Any]:
        """How far this process has read per partition, and since when it has not moved."""
        partitions = await self._progress()
        read = sum(one["position"] for one in partitions)
        if read != self._read:
            self._read, self._moved_at = read, utc_now()
        return {
            "listening": self._subscriber is not None,
            "cluster": self._cluster,
            "moved_at": self._moved_at,
            "partitions": partitions,
        }

    async def _run(self) -> None:
        backoff = Backoff()
        while True:
            broker: KafkaBroker | None = None
            try:
                self._cluster = await self._bus.cluster_id()
                broker = await self._join()
                backoff.reset()
                await self._until_bus_changes()
                log.warning("listener.new-bus", was=self._cluster)
            except (BusAway, KafkaError) as error:
                log.warning("listener.waiting", error=str(error) or type(error).__name__)
            except Exception:
                log.exception("listener.failed")
            finally:
                self._subscriber = None
                if broker is not None:
                    await quietly(broker.stop())
            await backoff.sleep()

    async def _join(self) -> KafkaBroker:
        broker = make_broker(self._settings)
        group = self._settings.service
        subscriber = subscribe(broker, group, self._consumer.topics, self.take)
        try:
            await within(START_SECONDS, broker.start())
        except BaseException:
            await quietly(broker.stop())
            raise
        self._subscriber = subscriber
        return broker

    async def _until_bus_changes(self) -> None:
        """Offsets of a lost bus mean nothing on the new one: joining anew begins at its start."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                cluster = await self._bus.cluster_id()
            except BusAway:
                continue  # away is not another: aiokafka comes back to it by itself
            if cluster != self._cluster:
                return

    def _rewind(self, batch: Batch) -> None:
        for partition, first in _offsets(batch, first=True).items():
            if partition in batch.consumer.assignment():
                batch.consumer.seek(partition, first)

    async def _commit(self, batch: Batch) -> None:
        offsets = {part: last + 1 for part, last in _offsets(batch, first=False).items()}
        try:
            await within(COMMIT_SECONDS, batch.consumer.commit(offsets))
        # Not committed is only read again, and the inbox knows it.
        except Exception as error:  # noqa: BLE001
            log.warning("listener.offsets-not-committed", error=type(error).__name__)

    async def _progress(self) -> list[dict[str, Any]]:
        consumer = self._subscriber and self._subscriber.consumer
        if not consumer:
            return []
        try:
            return [await self._progress_of(consumer, one) for one in sorted(consumer.assignment())]
        except (BusAway, KafkaError):
            return []  # in the middle of a rebalance there is no position to tell

    async def _progress_of(self, consumer: Any, partition: TopicPartition) -> dict[str, Any]:
        position = await within(1, consumer.position(partition))
        end = consumer.highwater(partition)
        lag = None if end is None else max(0, end - position)
        name = {"topic": partition.topic, "partition": partition.partition}
        return {**name, "position": position, "end": end, "lag": lag}


def _offsets(batch: Batch, *, first: bool) -> Mapping[TopicPartition, int]:
    found: dict[TopicPartition, int] = {}
    for delivery in batch.deliveries:
        partition = TopicPartition(delivery.raw.topic, delivery.raw.partition)
        if not (first and partition in found):
            found[partition] = delivery.raw.offset
    return found
