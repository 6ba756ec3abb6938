"""FastStream as we use it: our parser, explicit acknowledgement, whole batches."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaAckableMessage
from faststream.middlewares import AckPolicy
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from shared.messaging.bus import tls
from shared.messaging.delivery import Delivery, read
from shared.messaging.tolerant_records import read_tolerantly
from shared.settings import ServiceSettings

MAX_RECORDS = 500
POLL_MILLISECONDS = 1000
# A batch may wait minutes for a database; the group must not take that for death.
MAX_POLL_MILLISECONDS = 15 * 60 * 1000
SESSION_MILLISECONDS = 10_000
# Topics made after the consumer joined are found within so long.
METADATA_MILLISECONDS = 10_000


@dataclass(frozen=True, slots=True)
class Batch:
    """The records of one poll, in order per partition, and the consumer they came from."""

    deliveries: Sequence[Delivery]
    consumer: Any


def make_broker(settings: ServiceSettings) -> KafkaBroker:
    """A broker that acknowledges nothing by itself: the consumer commits after the database has."""
    read_tolerantly()
    return KafkaBroker(
        settings.kafka_bootstrap.split(","),
        security=_security(settings),
        ack_policy=AckPolicy.MANUAL,
        consumer_only=True,
        allow_auto_create_topics=False,
        metadata_max_age_ms=METADATA_MILLISECONDS,
        apply_types=False,
        # The listener has ended the batch in hand before it stops the broker.
        graceful_timeout=1,
        client_id=f"scrutiny-{settings.service}",
        logger=None,
    )


def subscribe(
    broker: KafkaBroker,
    group: str,
    topics: Sequence[str],
    handle: Callable[[Batch], Awaitable[None]],
) -> Any:
    """One subscriber for all of a service's topics, in batches; answers FastStream's subscriber."""
    subscriber = broker.subscriber(
        *topics,
        group_id=group,
        batch=True,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.MANUAL,
        max_poll_interval_ms=MAX_POLL_MILLISECONDS,
        session_timeout_ms=SESSION_MILLISECONDS,
        heartbeat_interval_ms=SESSION_MILLISECONDS // 5,
        parser=_parse_nothing,
        decoder=_decode_nothing,
    )
    subscriber(_reader(subscriber, handle))
    subscriber.get_msg = _next_records
    return subscriber


# FastStream's own looks away for as long again after every poll that found nothing.
async def _next_records(consumer: Any) -> tuple[Any, ...]:
    found = await consumer.getmany(timeout_ms=POLL_MILLISECONDS, max_records=MAX_RECORDS)
    return tuple(chain.from_iterable(found.values()))


def _reader(
    subscriber: Any, handle: Callable[[Batch], Awaitable[None]]
) -> Callable[[tuple[Any, ...]], Awaitable[None]]:
    async def on_batch(records: tuple[Any, ...]) -> None:
        await handle(Batch([read(record) for record in records], subscriber.consumer))

    return on_batch


# FastStream's own parser decodes headers and loses the message when one is not UTF-8.
async def _parse_nothing(records: tuple[Any, ...]) -> KafkaAckableMessage:
    return KafkaAckableMessage(raw_message=records, body=b"", consumer=_NoConsumer())


async def _decode_nothing(message: KafkaAckableMessage) -> Any:
    return message.raw_message


class _NoConsumer:
    """Offsets are committed by our own listener; FastStream must have no way to do it."""

    async def commit(self) -> None:
        raise AssertionError("only the listener commits offsets")

    def seek(self, partition: Any, offset: int) -> None:
        raise AssertionError(f"only the listener moves offsets, not {partition} to {offset}")


def _security(settings: ServiceSettings) -> BaseSecurity | None:
    context = tls(settings) if "SSL" in settings.kafka_security_protocol.split("_") else None
    password = settings.kafka_sasl_password
    if settings.kafka_sasl_mechanism is None or password is None:
        return BaseSecurity(ssl_context=context) if context else None
    kinds = {"SCRAM-SHA-512": SASLScram512, "SCRAM-SHA-256": SASLScram256, "PLAIN": SASLPlaintext}
    return kinds[settings.kafka_sasl_mechanism](
        username=settings.kafka_sasl_username or "",
        password=password.get_secret_value(),
        ssl_context=context,
    )
