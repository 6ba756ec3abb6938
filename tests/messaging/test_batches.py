"""Handlers that take many events at once: whatever is true one by one stays true."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind

from shared.events.envelope import Event, Headers
from shared.events.topics import TOPIC_OF_EVENT
from shared.messaging.backoff import Backoff
from shared.messaging.delivery import Delivery
from shared.messaging.inbox import Consumer
from shared.messaging.parking import BEHIND
from shared.messaging.runs import FEW, Handler, runs
from shared.messaging.subscriptions import Received
from shared.telemetry import MESSAGING_BATCH
from shared.transaction import Transaction
from tests.messaging.ledger import EFFECTS, Ledger, Noted
from tests.tracing import Recorder, recorded

Act = Callable[[Transaction, Received[Noted]], Awaitable[None]]


class Renamed(Event, frozen=True):
    """Another kind of event of the same key."""

    TYPE = "scot.scrutiny.number.renamed.v1"
    number: int


class Batches:
    """A consumer that writes down all it is given in one statement, and how many that was."""

    def __init__(self, ledger: Ledger, act: Act | None = None) -> None:
        self.ledger, self._act = ledger, act
        self.sizes: list[int] = []
        self.consumer = Consumer(
            ledger.name,
            ledger.transactions,
            ledger.parking,
            backoff=partial(Backoff, first=0.001, most=0.01),
        )
        self.consumer.on_batch(Noted)(self.on_noted)

    async def on_noted(self, tx: Transaction, received: Sequence[Received[Noted]]) -> None:
        self.sizes.append(len(received))
        for one in received:
            if self._act:
                await self._act(tx, one)
        rows = [{"key": one.headers.key, "number": one.event.number} for one in received]
        await tx.session.execute(EFFECTS.insert(), rows)


async def fail_on_odd(_: Transaction, one: Received[Noted]) -> None:
    if one.event.number % 2:
        raise ValueError


async def test_a_batch_is_handed_over_whole_in_order_and_once(ledger: Ledger) -> None:
    batches = Batches(ledger)
    batch = [ledger.delivery(number, key=f"k{number % 5}") for number in range(50)]
    await batches.consumer.take([*batch, *batch[7:12]])
    await batches.consumer.take([*batch[40:], ledger.delivery(50, key="k0")])
    assert batches.sizes == [50, 1]
    assert await ledger.effects() == {
        f"k{key}": [number for number in range(51) if number % 5 == key] for key in range(5)
    }


@pytest.mark.parametrize("bad", [0, 17, 31, 49])
async def test_one_that_fails_is_found_and_parked_and_the_others_take_effect(
    ledger: Ledger, bad: int
) -> None:
    async def fail(_: Transaction, one: Received[Noted]) -> None:
        if one.event.number == bad:
            raise ValueError

    batches = Batches(ledger, fail)
    batch = [ledger.delivery(number, key=f"k{number}", offset=number) for number in range(50)]
    await batches.consumer.take(batch)
    assert [row.offset for row in await ledger.parked()] == [bad]
    assert len(await ledger.effect_rows()) == 49
    # Halves, not one by one: the innocent half of each is taken whole.
    assert len(batches.sizes) < 25


async def test_many_that_fail_are_all_parked_and_their_keys_wait(ledger: Ledger) -> None:
    batches = Batches(ledger, fail_on_odd)
    batch = [ledger.delivery(n, key=f"k{n % 3}", offset=n) for n in range(18)]
    await batches.consumer.take(batch)
    parked = {row.offset: row.reason for row in await ledger.parked()}
    # Key 0 fails first at 3, key 1 at 1, key 2 at 5: everything of a key behind that waits.
    assert {place for place, why in parked.items() if why == "failed"} == {3, 1, 5}
    assert {place for place, why in parked.items() if why == BEHIND.reason} == set(range(18)) - {
        0, 1, 2, 3, 5,
    }  # fmt: skip
    assert await ledger.effects() == {"k0": [0], "k2": [2]}


async def test_a_body_that_cannot_be_read_fails_alone(ledger: Ledger) -> None:
    batches = Batches(ledger)
    batch = [ledger.delivery(number, key=f"k{number}", offset=number) for number in range(9)]
    batch[4] = ledger.delivery(4, key="k4", offset=4, body=b"{")
    await batches.consumer.take(batch)
    assert [(row.offset, row.reason) for row in await ledger.parked()] == [(4, "undecodable")]
    assert len(await ledger.effect_rows()) == 8


async def test_what_was_parked_is_redriven_through_the_same_handler(ledger: Ledger) -> None:
    failing, batch = Batches(ledger, fail_on_odd), [ledger.delivery(n) for n in (1, 2, 3)]
    await failing.consumer.take(batch)
    mended = Batches(ledger)
    assert await mended.consumer.redrive(batch[0].lane, "somebody") == 3
    assert await ledger.effects() == {"a": [1, 2, 3]}
    assert mended.sizes == [1, 1, 1]


async def test_kinds_of_events_with_different_handlers_keep_the_order_of_a_key(
    ledger: Ledger,
) -> None:
    TOPIC_OF_EVENT[Renamed] = ledger.topic
    batches, seen = Batches(ledger), []

    async def note(_: Transaction, one: Received[Noted]) -> None:
        seen.append(one.event.number)

    batches._act = note

    @batches.consumer.on(Renamed)
    async def on_renamed(tx: Transaction, event: Renamed, headers: Headers) -> None:
        seen.append(event.number)

    renamed: dict[str, bytes | None] = {"ce_type": Renamed.TYPE.encode()}
    batch = [ledger.delivery(n, headers=renamed if n % 4 == 3 else None) for n in range(30)]
    await batches.consumer.take(batch)
    assert seen == list(range(30))


async def test_a_mixed_batch_is_taken_in_as_few_runs_as_the_order_of_keys_allows(
    ledger: Ledger,
) -> None:
    TOPIC_OF_EVENT[Renamed] = ledger.topic
    batches, renamed_of = Batches(ledger), list[str]()

    @batches.consumer.on(Renamed)
    async def on_renamed(tx: Transaction, event: Renamed, headers: Headers) -> None:
        taken = await ledger.effects()
        assert headers.key not in taken, "a later event of the key took effect before this one"
        renamed_of.append(headers.key)

    renamed: dict[str, bytes | None] = {"ce_type": Renamed.TYPE.encode()}
    batch = [
        delivery
        for n in range(20)
        for delivery in (
            ledger.delivery(n, key=f"old-{n}"),
            ledger.delivery(n, key=f"key-{n}", headers=renamed),
        )
    ]
    batch += [ledger.delivery(n, key=f"key-{n}") for n in range(20)]
    await batches.consumer.take(batch)
    # The first of each kind together, then what had to wait for the others.
    assert batches.sizes == [20, 20]
    assert renamed_of == [f"key-{n}" for n in range(20)]


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from("abc")), max_size=40))
def test_no_run_puts_two_messages_of_a_lane_out_of_order(made: list[tuple[int, str]]) -> None:
    handlers = {name: _handler(name) for name in "abc"}
    bare = Ledger("postgresql://nobody@127.0.0.1:1/none")
    deliveries = [
        replace(bare.delivery(n, event_id=kind), lane=str(lane))
        for n, (lane, kind) in enumerate(made)
    ]
    found = runs(deliveries, lambda one: handlers[one.id])
    assert all(handlers[one.id] is handler for handler, run in found for one in run)
    flat = [delivery for _, run in found for delivery in run]
    assert len(flat) == len(deliveries)
    for lane in range(4):
        mine = [one.raw.offset for one in flat if one.lane == str(lane)]
        assert mine == sorted(mine)


async def test_several_kinds_that_share_a_handler_are_one_batch(ledger: Ledger) -> None:
    TOPIC_OF_EVENT[Renamed] = ledger.topic
    batches = Batches(ledger)
    batches.consumer.on_batch(Noted, Renamed)(batches.on_noted)
    renamed: dict[str, bytes | None] = {"ce_type": Renamed.TYPE.encode()}
    batch = [ledger.delivery(n, headers=renamed if n % 2 else None) for n in range(20)]
    await batches.consumer.take(batch)
    assert batches.sizes == [20]
    assert await ledger.effects() == {"a": list(range(20))}


def _handler(_: str) -> Handler:
    async def handle(tx: Transaction, deliveries: Sequence[Delivery]) -> None: ...

    return handle


def traceparent(number: int) -> dict[str, bytes | None]:
    return {"traceparent": f"00-{number + 1:032x}-{number + 1:016x}-01".encode()}


def processing(recorder: Recorder) -> list[ReadableSpan]:
    found = [span for span in recorder.spans if span.kind is SpanKind.CONSUMER]
    return [span for span in found if MESSAGING_BATCH not in (span.attributes or {})]


def trace_of(span: ReadableSpan) -> int:
    assert span.context is not None
    return span.context.trace_id


async def test_each_event_of_a_batch_has_a_span_in_its_own_trace_linked_to_the_batch(
    ledger: Ledger,
) -> None:
    async def answer(tx: Transaction, one: Received[Noted]) -> None:
        with one.traced():
            await ledger.note(tx, f"answer-{one.event.number}")

    count = FEW + 4
    batch = [ledger.delivery(n, headers=traceparent(n)) for n in range(count)]
    with recorded() as recorder:
        await Batches(ledger, answer).consumer.take(batch)
    spans = processing(recorder)
    assert [trace_of(span) for span in spans] == [n + 1 for n in range(count)]
    (whole,) = [span for span in recorder.spans if MESSAGING_BATCH in (span.attributes or {})]
    assert whole.attributes is not None
    assert whole.attributes[MESSAGING_BATCH] == count
    assert [link.context.trace_id for link in whole.links] == [n + 1 for n in range(count)]
    assert {link.context.span_id for span in spans for link in span.links} == {span_id(whole)}
    # What was published goes on in the trace of the event that caused it.
    sent = [row.traceparent.split("-")[1:3] for row in await ledger.outbox()]
    assert sent == [[f"{trace_of(span):032x}", f"{span_id(span):016x}"] for span in spans]


def span_id(span: ReadableSpan) -> int:
    assert span.context is not None
    return span.context.span_id


async def test_a_few_events_show_their_statements_in_their_own_traces(ledger: Ledger) -> None:
    batches = Batches(ledger)
    batch = [ledger.delivery(n, headers=traceparent(n // 2)) for n in range(4)]
    with recorded() as recorder:
        await batches.consumer.take(batch)
    assert batches.sizes == [2, 2]
    statements = [span for span in recorder.spans if span.name == "INSERT"]
    assert [trace_of(span) for span in statements] == [1, 2]
    assert [trace_of(span) for span in processing(recorder)] == [1, 1, 2, 2]


async def test_only_what_took_effect_is_told_and_the_failure_is(ledger: Ledger) -> None:
    async def fail(_: Transaction, one: Received[Noted]) -> None:
        if one.event.number == 3:
            raise ValueError

    batch: Any = [ledger.delivery(n, key=f"k{n}", headers=traceparent(n)) for n in range(FEW * 2)]
    with recorded() as recorder:
        await Batches(ledger, fail).consumer.take(batch)
    told = [trace_of(span) for span in processing(recorder) if span.status.is_ok]
    innocent = [trace for trace in range(1, FEW * 2 + 1) if trace != 4]
    assert sorted(set(told) & set(innocent)) == innocent
    failed = {trace_of(span) for span in processing(recorder) if not span.status.is_ok}
    assert failed == {4}
