"""The system as it must not be: each variant breaks one promise in the way people usually do."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from shared.messaging import listener as listening
from shared.messaging import relay as relaying
from shared.messaging.bus import within
from shared.messaging.offsets import next_offsets
from shared.transaction import Transaction, Transactions


def offsets_before_effect() -> None:
    """Acknowledge first, as consumers do that commit automatically."""
    kind: Any = listening.Listener

    async def take(self: Any, batch: Any) -> None:
        await within(listening.COMMIT_SECONDS, batch.consumer.commit(next_offsets(batch)))
        await self._consumer.take(batch.deliveries)

    kind._take = take


def no_inbox() -> None:
    """Every message is new."""
    kind: Any = Transaction

    async def first_times(_: Transaction, message_ids: Iterable[str]) -> set[str]:
        return set(message_ids)

    kind.first_times = first_times


def outbox_after_commit() -> None:
    """Publish once the effect is safe, in a transaction of its own."""
    kind: Any = Transactions
    begin = kind.begin

    @asynccontextmanager
    async def begin_and_publish_later(self: Any) -> AsyncIterator[Transaction]:
        async with begin(self) as tx:
            yield tx
            events, tx._outgoing = tx._outgoing, []
        if events:
            async with begin(self) as later:
                later._outgoing = events

    kind.begin = begin_and_publish_later


def marked_before_acknowledged() -> None:
    """Write that it was sent, then send it."""
    kind: Any = relaying.Relay

    async def send(self: Any, claimed: Sequence[Any]) -> int:
        positions = [row.position for row in claimed]
        async with self._database.engine.begin() as connection:
            epochs, cluster = self._leases.epochs, self._cluster
            await relaying.mark_sent(connection, self._leases.me, epochs, cluster, positions)
        await self._sender.send(claimed)
        return len(claimed)

    kind._send = send


def gone_at_once() -> None:
    """A stop that finishes nothing and says goodbye to nobody."""
    import shared.process as processes

    def stop_signals() -> "asyncio.Future[None]":
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, os._exit, 0)
        return loop.create_future()

    kind: Any = processes
    kind._stop_signals = stop_signals


VARIANTS: dict[str, Callable[[], None]] = {
    "offsets before effect": offsets_before_effect,
    "no inbox": no_inbox,
    "outbox after commit": outbox_after_commit,
    "marked before acknowledged": marked_before_acknowledged,
    "gone at once": gone_at_once,
}
