"""Everything that is on a topic, read fast and to its end as it is now."""

import time
from collections.abc import Iterator
from typing import Any

from confluent_kafka import Consumer, TopicPartition

READ_SECONDS = 120.0


def topic_log(bootstrap: str, topic: str) -> list[Any]:
    """Every record of a topic, in order per partition."""
    options = {"bootstrap.servers": bootstrap, "group.id": "log", "enable.auto.commit": False}
    consumer = Consumer(options)
    try:
        return list(_records(consumer, topic))
    finally:
        consumer.close()


def numbers_of(found: list[Any]) -> dict[str, list[int]]:
    """The sequence numbers of each key, in the order they are on the topic."""
    numbers: dict[str, list[int]] = {}
    for record in found:
        headers = dict(record.headers())
        numbers.setdefault(record.key().decode(), []).append(int(headers["ce_sequence"]))
    return numbers


def _records(consumer: Consumer, topic: str) -> Iterator[Any]:
    parts = sorted(consumer.list_topics(topic, timeout=READ_SECONDS).topics[topic].partitions)
    places = [TopicPartition(topic, part, 0) for part in parts]
    left = {part: _end(consumer, topic, part) for part in parts}
    consumer.assign(places)
    deadline = time.monotonic() + READ_SECONDS
    while left := {part: end for part, end in left.items() if end > 0}:
        assert time.monotonic() < deadline, f"not read to its end: {left}"
        for record in consumer.consume(1000, timeout=0.2):
            assert record.error() is None, record.error()
            if (record.offset() or 0) + 1 >= left.get(record.partition() or 0, 0):
                left[record.partition() or 0] = 0
            yield record


def _end(consumer: Consumer, topic: str, part: int) -> int:
    return consumer.get_watermark_offsets(TopicPartition(topic, part), timeout=READ_SECONDS)[1]
