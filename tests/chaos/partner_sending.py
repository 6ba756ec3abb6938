"""Two partners' systems that write whatever they are given, and a bus that lets them in."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer

from deploy.kafka.make_topics import make_topics
from deploy.local.kafka import EmbeddedKafka
from deploy.local.partner_access import allow_partners
from deploy.local.ports import free_ports
from shared.events.topics import partner_inbound
from tests.chaos.poison import Message
from tests.servers import run_apart

PASSWORDS = {"fife": "a-password-of-fife", "moray": "a-password-of-moray"}
FLUSH_SECONDS = 120.0
# Larger than the bus takes, so that it is the bus that refuses.
ROOM = 16 * 1024 * 1024


@contextmanager
def partner_bus(folder: Path) -> Iterator[EmbeddedKafka]:
    """A bus with accounts, topics and rights of two partners."""
    port, controller, partners = free_ports(3)
    bus = EmbeddedKafka(folder, port, controller, partner_port=partners, partners=PASSWORDS)
    bus.start()
    try:
        run_apart(make_topics(bus.bootstrap, list(PASSWORDS)))
        run_apart(allow_partners(bus.bootstrap, PASSWORDS))
        yield bus
    finally:
        bus.stop()


class Partners:
    """Each with its own credentials; counts what the bus has refused, by the bus's own word."""

    def __init__(self, bus: EmbeddedKafka, **options: Any) -> None:
        self.refused: Counter[str] = Counter()
        self.taken = 0
        self._producers = {name: _producer(bus, name, options) for name in PASSWORDS}

    def send(self, messages: Sequence[Message]) -> None:
        """Return when the bus has taken every one."""
        for one in messages:
            self._produce(one.partner, partner_inbound(one.partner).name, one)
        self._flush()

    def try_to_send(self, partner: str, topic: str, one: Message) -> None:
        """What the bus may refuse."""
        self._produce(partner, topic, one)
        self._flush()

    def _produce(self, partner: str, topic: str, one: Message) -> None:
        producer = self._producers[partner]
        try:
            producer.produce(
                topic, one.value, one.key, headers=list(one.headers), on_delivery=self._told
            )
        except KafkaException as refusal:
            # Of a topic that the bus has spoken of before it is told at once.
            self._told(refusal.args[0], None)
        producer.poll(0)

    def _flush(self) -> None:
        for producer in self._producers.values():
            assert producer.flush(FLUSH_SECONDS) == 0, "the bus answered nothing"

    def _told(self, error: KafkaError | None, _: object) -> None:
        self.taken += error is None
        if error is not None:
            self.refused[str(error.name())] += 1


def _producer(bus: EmbeddedKafka, name: str, options: dict[str, Any]) -> Producer:
    return Producer(
        {
            "bootstrap.servers": bus.partner_bootstrap,
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": name,
            "sasl.password": PASSWORDS[name],
            "enable.idempotence": not options,
            "message.max.bytes": ROOM,
            "queue.buffering.max.kbytes": 512 * 1024,
            "log_level": 0,
        }
        | options
    )
