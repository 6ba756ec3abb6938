"""A partner's own system: writes notifications to its topic and reads its receipts, over SASL."""

import time
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import msgspec
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from tests.system.running import System

INBOUND = "partner.fife.notifications.v1"
RECEIPTS = "partner.fife.receipts.v1"
SUBMITTED = "scot.scrutiny.notification.submitted.v1"
ANSWER_SECONDS = 30.0


@dataclass(frozen=True)
class Receipt:
    """One record of the receipts topic."""

    id: str
    type: str
    key: str
    body: dict[str, Any]


class Partner:
    """Partner `fife`, with the credentials the system gave it."""

    def __init__(self, system: System, password: str | None = None) -> None:
        self._access = {
            "bootstrap.servers": system.partner_bootstrap,
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": "fife",
            "sasl.password": password or system.partner_password,
            "topic.metadata.refresh.interval.ms": "1000",
            "log_level": "0",
        }
        self._producer = Producer(self._access | {"enable.idempotence": True})
        self._received: list[Receipt] = []
        self._consumer: Consumer | None = None

    def close(self) -> None:
        """Lets go of every connection."""
        self._producer.flush(5)
        if self._consumer is not None:
            self._consumer.close()

    def submit(
        self,
        body: Any,
        *,
        message_id: str | None = None,
        key: str | None = None,
        topic: str = INBOUND,
        **headers: str,
    ) -> str:
        """Publishes one message and waits until the bus has it; answers its `ce_id`."""
        message_id = message_id or str(uuid4())
        told = {
            "ce_specversion": "1.0",
            "ce_id": message_id,
            "ce_source": "fife-council-case-system",
            "ce_type": SUBMITTED,
            "content-type": "application/json",
        } | headers
        value = body if isinstance(body, bytes) else msgspec.json.encode(body)
        self._send(topic, value, (key or message_id).encode(), list(told.items()))
        return message_id

    def receipts(self, message_id: str, count: int = 1) -> list[Receipt]:
        """The answers to one message, as soon as there are `count`."""
        deadline = time.monotonic() + ANSWER_SECONDS
        while len(found := self._answers(message_id)) < count:
            assert time.monotonic() < deadline, f"{len(found)} receipts for {message_id}"
            self._read()
        return found

    def receipt(self, message_id: str) -> Receipt:
        """The first answer to one message."""
        return self.receipts(message_id)[0]

    def _send(self, topic: str, value: bytes, key: bytes, headers: list[Any]) -> None:
        failures: list[Any] = []
        self._producer.produce(
            topic,
            value,
            key,
            headers=headers,
            on_delivery=lambda error, _: failures.append(error) if error else None,
        )
        assert self._producer.flush(ANSWER_SECONDS) == 0, "the bus did not take the message"
        if failures:
            raise KafkaException(failures[0])

    def _answers(self, message_id: str) -> list[Receipt]:
        return [one for one in self._received if one.body["in_reply_to"] == message_id]

    def _read(self) -> None:
        for record in self._receipts_consumer().consume(100, timeout=0.2):
            if record.error() is None:
                self._received.append(_receipt(record))

    def _receipts_consumer(self) -> Consumer:
        if self._consumer is None:
            options = {"group.id": "partner.fife.tests", "enable.auto.commit": False}
            self._consumer = Consumer(self._access | options)
            # Nothing is committed: a partner may read its receipts as often as it likes.
            self._consumer.assign([TopicPartition(RECEIPTS, part, 0) for part in (0, 1)])
        return self._consumer


def _receipt(record: Any) -> Receipt:
    headers = {name: value.decode() for name, value in record.headers()}
    body = msgspec.json.decode(record.value())
    return Receipt(headers["ce_id"], headers["ce_type"], record.key().decode(), body)
