"""What is on the bus between two moments, boiled down to what the checker compares."""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from confluent_kafka import Consumer, TopicPartition

READ_SECONDS = 600.0
Places = dict[tuple[str, int], int]


@dataclass
class Extract:
    """`events`: per topic and key, (sequence, event id) in the order of the log, repeats included.

    `messages`: per key of the partner's topic, the ids of its messages; `receipts`: per key, what
    is answered and the receipt's own id.
    """

    events: dict[tuple[str, str], list[tuple[int, str]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    messages: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    receipts: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    records: int = 0


class Bus:
    """Reads topics as logs; is in no group and commits nothing."""

    def __init__(self, bootstrap: str) -> None:
        self._options = {
            "bootstrap.servers": bootstrap,
            "group.id": "evidence",
            "enable.auto.commit": False,
            "log_level": "0",
        }

    def ends(self, topics: Iterable[str]) -> Places:
        """Where each partition ends now."""
        consumer = Consumer(self._options)
        try:
            return {
                (topic, part): consumer.get_watermark_offsets(TopicPartition(topic, part), 20)[1]
                for topic in topics
                for part in consumer.list_topics(topic, 20).topics[topic].partitions
            }
        finally:
            consumer.close()

    def between(self, starts: Places, ends: Places) -> Iterator[Any]:
        """Every record from `starts` up to `ends`."""
        left = {place: end for place, end in ends.items() if end > starts[place]}
        if not left:
            return
        consumer = Consumer(self._options)
        consumer.assign([TopicPartition(*place, starts[place]) for place in left])
        deadline = time.monotonic() + READ_SECONDS
        while left:
            assert time.monotonic() < deadline, f"not read to its end: {left}"
            for record in consumer.consume(2000, timeout=0.2):
                assert record.error() is None, record.error()
                place = (str(record.topic()), record.partition() or 0)
                if (record.offset() or 0) + 1 >= left.get(place, 0):
                    left.pop(place, None)
                yield record
        consumer.close()


def extract(records: Iterable[Any], inbound: str, receipts: str) -> Extract:
    """Sorts records by what they are."""
    found = Extract()
    for record in records:
        found.records += 1
        headers, key = dict(record.headers()), record.key().decode()
        event = headers["ce_id"].decode()
        if record.topic() == inbound:
            found.messages[key].append(event)
        elif record.topic() == receipts:
            answered = msgspec.json.decode(record.value(), type=Mapping[str, Any])
            found.receipts[key].append((answered["in_reply_to"], event))
        else:
            found.events[record.topic(), key].append((int(headers["ce_sequence"]), event))
    return found
