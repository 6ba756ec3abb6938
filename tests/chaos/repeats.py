"""Somebody who sends again what is on the bus already, as it is: late, and out of its place."""

import random
import threading
from collections import deque
from typing import Any

from confluent_kafka import Consumer, Producer, TopicPartition

from tests.chaos.bus_extract import Places

# One event in so many is sent again, when so many others have come after it.
ONE_IN = 40
LATER = 200
FLUSH_SECONDS = 60.0


class Repeats:
    """One thread that reads topics from `starts` on and writes to them."""

    def __init__(self, bootstrap: str, starts: Places, seed: int) -> None:
        options = {"bootstrap.servers": bootstrap, "log_level": "0"}
        self._consumer = Consumer(options | {"group.id": "repeats", "enable.auto.commit": False})
        self._consumer.assign([TopicPartition(*place, at) for place, at in starts.items()])
        self._producer = Producer(options)
        self._chance = random.Random(seed)
        self._kept: deque[Any] = deque()
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self.count = 0

    def start(self) -> "Repeats":
        """Begin."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Return when everything that was sent again is on the bus."""
        self._enough.set()
        self._thread.join()
        self._consumer.close()
        assert self._producer.flush(FLUSH_SECONDS) == 0, "the bus did not take every repeat"

    def _work(self) -> None:
        while not self._enough.is_set():
            for record in self._consumer.consume(200, timeout=0.2):
                # An error is a broker that has just been killed.
                if record.error() is None and not self._chance.randrange(ONE_IN):
                    self._kept.append(record)
                if len(self._kept) > LATER // ONE_IN:
                    self._send(self._kept.popleft())
            self._producer.poll(0)

    def _send(self, record: Any) -> None:
        # Librdkafka would put a key elsewhere, where it could come before what it depends on.
        self._producer.produce(
            record.topic(),
            record.value(),
            record.key(),
            partition=record.partition(),
            headers=record.headers(),
        )
        self.count += 1
