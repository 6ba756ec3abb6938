"""What is on a topic, read by a plain consumer that is in no group; and topics made for a test."""

import asyncio
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import GroupCoordinatorNotAvailableError
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy


async def make_topic(bootstrap: str, name: str, partitions: int = 3) -> None:
    """An empty topic."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        answer: Any = await admin.create_topics([NewTopic(name, partitions, 1)])
        assert [code for _, code, *_ in answer.topic_errors] == [0]
    finally:
        await admin.close()


async def records(bootstrap: str, topic: str) -> list[Any]:
    """Every record of a topic, in order per partition."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        async with asyncio.timeout(15):
            return await _all_of(consumer, topic)
    finally:
        await consumer.stop()


async def _all_of(consumer: AIOKafkaConsumer, topic: str) -> list[Any]:
    partitions: set[int] | None = None
    while not partitions:
        await consumer._client.force_metadata_update()
        partitions = consumer.partitions_for_topic(topic)
    places = [TopicPartition(topic, number) for number in sorted(partitions)]
    ends = await consumer.end_offsets(places)
    consumer.assign(places)
    await consumer.seek_to_beginning(*places)
    found: list[Any] = []
    while any([await consumer.position(place) < ends[place] for place in places]):
        for batch in (await consumer.getmany(timeout_ms=100)).values():
            found += batch
    return found


def numbers_per_key(found: Sequence[Any]) -> dict[str, list[int]]:
    """The sequence numbers of each key, in the order they are on the bus."""
    numbers: dict[str, list[int]] = {}
    for record in found:
        headers = dict(record.headers)
        numbers.setdefault(record.key.decode(), []).append(int(headers["ce_sequence"]))
    return numbers


def first_times(numbers: Sequence[int]) -> list[int]:
    """Without the repeats."""
    return list(dict.fromkeys(numbers))


async def committed(bootstrap: str, group: str, topic: str) -> int:
    """How many records of a topic a group has committed."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        offsets = await admin.list_consumer_group_offsets(group)
    except GroupCoordinatorNotAvailableError:
        return 0  # nobody has asked this broker for any group yet
    finally:
        await admin.close()
    return sum(one.offset for place, one in offsets.items() if place.topic == topic)


async def send(bootstrap: str, topic: str, *sent: dict[str, Any], **options: Any) -> None:
    """Records exactly as given: `key`, `value`, `headers`, `partition`."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, **options)
    await producer.start()
    try:
        for one in sent:
            await producer.send_and_wait(topic, **one)
    finally:
        await producer.stop()


class NotText(str):
    """A name that its sender never meant as text."""

    __slots__ = ()

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:  # noqa: ARG002
        return b"\xff\xfe"


async def send_with_bad_header_name(
    bootstrap: str, topic: str, records: Sequence[Any], compression: int = 0
) -> None:
    """One batch of raw records; the first has a header whose name is not UTF-8."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    batch: Any = producer.create_batch()
    batch._builder = _DefaultRecordBatchBuilderPy(2, compression, 0, -1, -1, -1, 100_000)
    for number, raw in enumerate(records):
        headers = [(NotText("?"), b"x"), *raw.headers] if number == 0 else raw.headers
        batch.append(key=raw.key, value=raw.value, timestamp=None, headers=headers)
    try:
        await (await producer.send_batch(batch, topic, partition=0))
    finally:
        await producer.stop()
