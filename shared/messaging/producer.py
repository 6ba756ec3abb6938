"""A producer that tries once: what was not acknowledged the relay sends again, in order."""

import asyncio
from collections.abc import Callable
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.produce import ProduceRequest

MAX_BATCH_BYTES = 256 * 1024
MAX_REQUEST_BYTES = 8 * 1024 * 1024


def one_try_producer(
    bootstrap: str, security: dict[str, Any], may_send: Callable[[], bool]
) -> AIOKafkaProducer:
    """A producer, not yet started, that keeps order and fails for good at the first failure.

    `may_send` is asked at the last moment before events leave this process.
    """
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        enable_idempotence=True,
        acks="all",
        linger_ms=1,
        max_batch_size=MAX_BATCH_BYTES,
        max_request_size=MAX_REQUEST_BYTES,
        **security,
    )
    _stop_at_first_failure(producer)
    _ask_before_each_request(producer, may_send)
    return producer


# With idempotence on, aiokafka retries for ever, and would write the batch of a broker that was
# lost to the empty one that took its place, ahead of everything that must come before it there.
# And after a batch that was refused it sends the partition's next one, which a broker takes from a
# producer that it does not know yet. Both would put a later event of a key before an earlier one.
def _stop_at_first_failure(producer: AIOKafkaProducer) -> None:
    waiting: Any = producer._message_accumulator  # noqa: SLF001
    append_batch = waiting._append_batch  # noqa: SLF001

    def stop_after(batch: "asyncio.Future[Any]") -> None:
        error = None if batch.cancelled() else batch.exception()
        if error is not None:
            waiting.fail_all(error)
            waiting._batches.clear()  # noqa: SLF001

    def append_watched_batch(*given: Any) -> Any:
        batch = append_batch(*given)
        # Runs before the sender, which has yet to be told that its request has ended, goes on.
        batch.future.add_done_callback(stop_after)
        return batch

    def give_up(batch: Any) -> None:
        batch.failure(KafkaConnectionError("not acknowledged at the first try"))

    waiting._append_batch = append_watched_batch  # noqa: SLF001
    waiting.reenqueue = give_up


# A process may be frozen between the relay's own question and the socket, for longer than its
# lease: its events would come after later ones that its heir has sent meanwhile.
def _ask_before_each_request(producer: AIOKafkaProducer, may_send: Callable[[], bool]) -> None:
    client: Any = producer.client
    send = client.send

    async def send_if_allowed(node: Any, request: Any, **given: Any) -> Any:
        if isinstance(request, ProduceRequest):
            await client.ready(node)  # connecting takes a while, so the question comes after it
            if not may_send():
                raise KafkaConnectionError("the leases may have ended")
        return await send(node, request, **given)

    client.send = send_if_allowed
