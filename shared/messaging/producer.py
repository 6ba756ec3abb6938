"""A producer that tries once: what was not acknowledged the relay sends again, in order."""

from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError

MAX_BATCH_BYTES = 256 * 1024
MAX_REQUEST_BYTES = 8 * 1024 * 1024


def one_try_producer(bootstrap: str, security: dict[str, Any]) -> AIOKafkaProducer:
    """A producer, not yet started, that keeps order and fails for good at the first failure."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        # Not against duplicates but against gaps: what follows a failed batch is refused.
        enable_idempotence=True,
        acks="all",
        linger_ms=1,
        max_batch_size=MAX_BATCH_BYTES,
        max_request_size=MAX_REQUEST_BYTES,
        **security,
    )
    _never_retry(producer)
    return producer


# With idempotence on, aiokafka retries for ever, and would write the batch of a broker that was
# lost to the empty one that took its place, ahead of everything that must come before it there.
def _never_retry(producer: AIOKafkaProducer) -> None:
    waiting: Any = producer._message_accumulator  # noqa: SLF001

    def give_up(batch: Any) -> None:
        error = KafkaConnectionError("not acknowledged at the first try")
        waiting.fail_all(error)
        waiting._batches.clear()  # noqa: SLF001
        batch.failure(error)

    waiting.reenqueue = give_up
