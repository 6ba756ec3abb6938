"""Events leave with the transaction that caused them: all of it, in order, or nothing."""

import asyncio
from itertools import count
from typing import Any

import pytest
from opentelemetry import trace
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from shared.events.envelope import Headers
from shared.messaging.claims import claim
from shared.messaging.tables import SHARDS
from tests.messaging.ledger import Ledger, Noted

ALL_SHARDS = list(range(SHARDS))


async def test_nothing_leaves_when_the_transaction_fails(ledger: Ledger) -> None:
    async def note_and_fail() -> None:
        async with ledger.transactions.begin() as tx:
            await ledger.note(tx, "a")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await note_and_fail()
    assert await ledger.outbox() == []


async def test_everything_leaves_together_when_it_commits(ledger: Ledger) -> None:
    async with ledger.transactions.begin() as tx:
        for key in "aba":
            await ledger.note(tx, key)
        assert await ledger.outbox() == []
    told = [(row.key, row.sequence, row.sent_at) for row in await ledger.outbox()]
    assert told == [("a", 1, None), ("b", 1, None), ("a", 2, None)]


async def test_a_row_that_cannot_be_written_takes_its_events_with_it(ledger: Ledger) -> None:
    async def note_and_collide() -> None:
        async with ledger.transactions.begin() as tx:
            await ledger.note(tx, "a")
            await tx.session.execute(text("INSERT INTO accounts (key) VALUES ('a')"))

    with pytest.raises(IntegrityError):
        await note_and_collide()
    assert await ledger.outbox() == []


async def test_order_of_positions_is_order_of_sequence_under_contention(ledger: Ledger) -> None:
    async with ledger.transactions.begin() as tx:
        for key in "ab":
            await ledger.note(tx, key)
    await asyncio.gather(*(ledger.note_many([key], 10) for key in "abab"))
    rows = await ledger.outbox()
    for key in "ab":
        assert [row.sequence for row in rows if row.key == key] == list(range(1, 22))


async def test_every_event_keeps_the_trace_it_was_born_in(ledger: Ledger) -> None:
    from opentelemetry.sdk.trace import TracerProvider

    tracer = TracerProvider().get_tracer("test")
    with tracer.start_as_current_span("asked") as span:
        async with ledger.transactions.begin() as tx:
            await ledger.note(tx, "a")
    row = (await ledger.outbox())[0]
    assert trace.format_trace_id(span.get_span_context().trace_id) in row.traceparent


class Interleaved:
    """Two transactions: the first to write commits last, and leaves a gap until it does."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.written = asyncio.Event()
        self.may_commit = asyncio.Event()

    async def slow(self) -> None:
        async with self._ledger.transactions.begin() as tx:
            await self._ledger.note(tx, "slow")
            await tx.flush()
            self.written.set()
            await self.may_commit.wait()


async def test_a_transaction_that_commits_late_loses_no_event(ledger: Ledger) -> None:
    race = Interleaved(ledger)
    slow = asyncio.create_task(race.slow())
    await race.written.wait()
    await ledger.note_many(["quick"], 1)
    relayed: list[str] = []
    naive = NaivePoller()
    for _ in range(2):
        rows = await claim(ledger.database, ALL_SHARDS, 10)
        async with ledger.database.engine.begin() as connection:
            relayed += [row.key for row in rows]
            await connection.execute(
                text("UPDATE outbox SET sent_at = now() WHERE position = ANY(:sent)"),
                {"sent": [row.position for row in rows]},
            )
            await naive.poll(connection)
        race.may_commit.set()
        await slow
    assert relayed == ["quick", "slow"]
    # The control: a relay that remembers the last position never sees the late one.
    assert naive.seen == ["quick"]


class NaivePoller:
    """What ours must not be."""

    def __init__(self) -> None:
        self.last = 0
        self.seen: list[str] = []

    async def poll(self, connection: Any) -> None:
        query = text("SELECT position, key FROM outbox WHERE position > :last ORDER BY position")
        for position, key in await connection.execute(query, {"last": self.last}):
            self.last = position
            self.seen.append(key)


async def test_first_time_is_true_once_even_for_two_at_once(ledger: Ledger) -> None:
    async def once() -> bool:
        async with ledger.transactions.begin() as tx:
            first = await tx.first_time("message-1")
            await asyncio.sleep(0.05)
            return first

    assert sorted(await asyncio.gather(*(once() for _ in range(5)))) == [False] * 4 + [True]


async def test_an_effect_that_is_rolled_back_is_not_remembered_as_applied(ledger: Ledger) -> None:
    attempts = count()

    async def fail_once(tx: object, event: Noted, headers: Headers) -> None:
        if next(attempts) == 0:
            raise ValueError("the first time")

    await ledger.consumer(fail_once).take([ledger.delivery(1)])
    assert await ledger.effects() == {"a": [1]}
