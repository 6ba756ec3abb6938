"""The system as it must not be: each variant breaks one promise in the way people usually do."""

import asyncio
import os
import signal
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from shared import transaction as transactions
from shared.database import Database
from shared.messaging import listener as listening
from shared.messaging import relay as relaying
from shared.messaging.bus import within
from shared.messaging.committing import COMMIT_SECONDS
from shared.messaging.offsets import next_offsets
from shared.messaging.outbox import OUTBOX, outbox_row
from shared.transaction import Transaction
from shared.writes import Insert, Row, Writes

_MARK = "UPDATE outbox SET sent_at = clock_timestamp() WHERE position = ANY($1::bigint[])"


def offsets_before_effect() -> None:
    """Acknowledge first, as consumers do that commit automatically."""
    kind: Any = listening.Listener

    async def take(self: Any, batch: Any) -> None:
        await within(COMMIT_SECONDS, batch.consumer.commit(next_offsets(batch)))
        await self._consumer.take(batch.deliveries)

    kind._take = take


def no_inbox() -> None:
    """Every message is new, whatever the inbox says."""
    kind: Any = Transaction
    ask = kind.first_times

    async def first_times(self: Transaction, message_ids: Iterable[str]) -> set[str]:
        asked = set(message_ids)
        await ask(self, asked)
        return asked

    kind.first_times = first_times


def outbox_after_commit() -> None:
    """Publish once the effect is safe, in a transaction of its own."""
    module: Any = transactions
    module.Transaction = _PublishingLate


class _PublishingLate(Transaction):
    def _waiting(self) -> Writes:
        self.__dict__.setdefault("late", []).extend(map(outbox_row, self._outgoing))
        self._outgoing.clear()
        return self._writes

    async def commit(self) -> None:
        await super().commit()
        await self._publish()

    async def commit_once(self, claim: Insert, row: Row) -> bool:
        done = await super().commit_once(claim, row)
        await self._publish()
        return done

    async def _publish(self) -> None:
        rows, writes = self.__dict__.pop("late", []), Writes()
        writes.add(OUTBOX, *rows)
        if rows:
            await self._database.run_alone(*writes.statement())


def marked_before_acknowledged() -> None:
    """Write that it was sent, then send it."""
    module: Any = relaying
    claim = module.claim

    async def claim_and_mark(database: Database, *given: Any, **named: Any) -> Sequence[Any]:
        rows = await claim(database, *given, **named)
        await database.run_alone(_MARK, [[row.position for row in rows]])
        return rows

    module.claim = claim_and_mark


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
