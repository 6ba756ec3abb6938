"""Let go of Kafka clients whose broker may be gone: aiokafka's own `stop()` waits for it for ever.

What `stop()` leaves behind when it is given up would still send, or still hold partitions, once a
broker is there again: so every task of the client is ended, and its connections with them.
"""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

CLOSE_SECONDS = 2


async def abandon_producer(producer: AIOKafkaProducer) -> None:
    """Nothing more is sent from here on, whatever the producer still holds."""
    sender: Any = producer._sender  # noqa: SLF001
    await _end([sender.sender_task], producer.client)
    # Marked as closed, or its destructor complains of what was closed above.
    producer._closed = True  # noqa: SLF001


async def abandon_consumer(consumer: AIOKafkaConsumer) -> None:
    """Leave the group if the broker answers; else just end, and the group finds out by itself."""
    await quietly(consumer.stop())
    coordinator: Any = consumer._coordinator  # noqa: SLF001
    names = ("_coordination_task", "_heartbeat_task", "_commit_refresh_task")
    fetcher: Any = consumer._fetcher  # noqa: SLF001
    tasks = [getattr(coordinator, name, None) for name in names]
    await _end([*tasks, getattr(fetcher, "_fetch_task", None)], consumer._client)  # noqa: SLF001


async def quietly(work: Awaitable[object]) -> None:
    """Close something that may hang or fail because the broker is gone; nothing depends on it."""
    # aiokafka's stop() waits for what can no longer be delivered, and may raise CancelledError.
    await _ended([asyncio.ensure_future(work)], after=CLOSE_SECONDS)


async def _end(tasks: Iterable["asyncio.Task[Any] | None"], client: Any) -> None:
    running = [task for task in tasks if task is not None]
    for task in running:
        task.cancel()
    # A cancelled task of aiokafka's waits for its requests, which end with their connections.
    await quietly(client.close())
    await _ended(running, after=CLOSE_SECONDS)


async def _ended(tasks: "Iterable[asyncio.Future[Any]]", *, after: float) -> None:
    running = set(tasks)
    if not running:
        return
    _, late = await asyncio.wait(running, timeout=after)
    for task in late:
        task.cancel()
    if late:
        await asyncio.wait(late, timeout=CLOSE_SECONDS)
    for task in running:
        if task.done() and not task.cancelled():
            task.exception()
