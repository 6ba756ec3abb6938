"""Keeps a consumer listening: starts when the bus is there, starts anew when the bus is another."""

import asyncio
from typing import Any

import structlog
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker

from shared.messaging.backoff import Backoff
from shared.messaging.broker import Batch, make_broker, subscribe
from shared.messaging.bus import Bus, BusAway, within
from shared.messaging.committing import OffsetCommits
from shared.messaging.giving_up import abandon_consumer, quietly
from shared.messaging.inbox import Consumer
from shared.messaging.offsets import Progress, first_offsets
from shared.settings import ServiceSettings

WATCH_SECONDS = 2.0
START_SECONDS = 30.0
FINISH_SECONDS = 3.0
LAST_COMMIT_SECONDS = 1.0

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
        self._in_hand: asyncio.Task[None] | None = None
        self._replaced = asyncio.Event()
        self._progress = Progress()
        self._commits = OffsetCommits(self._require_same_bus)

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
        """Apply a batch and have its offsets committed; what was not applied is read again."""
        self._progress.in_hand = first_offsets(batch)
        self._in_hand = asyncio.create_task(self._take(batch))
        try:
            await self._in_hand
        except BaseException as error:
            log.warning("listener.batch-not-taken", error=type(error).__name__)
            _rewind(batch)
            raise
        finally:
            self._in_hand, self._progress.in_hand = None, {}

    async def state(self) -> dict[str, Any]:
        """How far this process has read per partition, and since when it has not moved."""
        consumer = self._subscriber and self._subscriber.consumer
        told = await self._progress.state(consumer)
        return {"listening": self._subscriber is not None, "cluster": self._cluster} | told

    async def _take(self, batch: Batch) -> None:
        # Offsets of one bus mean nothing on another: what was read at a place on the old one is
        # read again from the start of the new one, and nothing is committed there before that.
        await self._require_same_bus()
        await self._consumer.take(batch.deliveries)
        self._commits.add(batch)

    async def _require_same_bus(self) -> None:
        try:
            cluster = await self._bus.cluster_id()
        except BusAway:
            self._progress.away = True
            raise
        self._progress.away = False
        if cluster != self._cluster:
            self._replaced.set()
            raise BusAway("another bus answers")

    async def _run(self) -> None:
        backoff = Backoff()
        while True:
            broker = make_broker(self._settings)
            try:
                self._cluster = await self._bus.cluster_id()
                self._replaced.clear()
                await self._join(broker)
                backoff.reset()
                await self._until_over(self._subscriber)
                log.warning("listener.begins-anew", was=self._cluster)
            except (BusAway, KafkaError) as error:
                log.warning("listener.waiting", error=str(error) or type(error).__name__)
            except Exception:
                log.exception("listener.failed")
            finally:
                await self._leave(broker)
            await backoff.sleep()

    async def _join(self, broker: KafkaBroker) -> None:
        group = self._settings.service
        self._commits = OffsetCommits(self._require_same_bus)
        self._subscriber = subscribe(broker, group, self._consumer.topics, self.take)
        await within(START_SECONDS, broker.start())

    async def _until_over(self, subscriber: Any) -> None:
        """Return when another bus answers, or when nobody reads any more."""
        while not all(task.done() for task in subscriber.tasks):
            try:
                async with asyncio.timeout(WATCH_SECONDS):
                    await self._replaced.wait()
            except TimeoutError:
                pass
            try:
                await self._require_same_bus()
            except BusAway:
                if self._replaced.is_set():
                    return
                # Away is not another: aiokafka comes back to it by itself.

    async def _leave(self, broker: KafkaBroker) -> None:
        subscriber, self._subscriber = self._subscriber, None
        consumer = subscriber and subscriber.consumer
        if self._in_hand is not None:
            await asyncio.wait({self._in_hand}, timeout=FINISH_SECONDS)
        if self._in_hand is not None:
            self._in_hand.cancel()
        await self._commits.end(0 if self._replaced.is_set() else LAST_COMMIT_SECONDS)
        await quietly(broker.stop())
        if consumer is not None:
            await abandon_consumer(consumer)


def _rewind(batch: Batch) -> None:
    for partition, first in first_offsets(batch).items():
        if partition in batch.consumer.assignment():
            batch.consumer.seek(partition, first)
