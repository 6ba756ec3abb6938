"""What waits for a person is kept whole and sealed, in line, and redriven in order."""

import asyncio

import pytest
from msgspec import structs
from sqlalchemy import select

from shared.clock import utc_now
from shared.confidential.fields import CannotDecrypt, FieldCipher
from shared.errors import Conflict, Invalid, NotFound
from shared.events.envelope import Headers
from shared.messaging.delivery import read_raw
from shared.messaging.inbox import Consumer
from shared.messaging.parking import BEHIND, Parking
from shared.operations.parked import discard, inspect, parked_page, redrive
from shared.transaction import Transaction
from tests.messaging.ledger import NOW, PLUMBING, Ledger, Noted

OTHER_KEY = "other:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


class Fault:
    """A bug in a handler: fails on these numbers until it is mended."""

    def __init__(self, *numbers: int) -> None:
        self.numbers = set(numbers)
        self.reached = asyncio.Event()
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()

    async def __call__(self, _: Transaction, event: Noted, __: Headers) -> None:
        if event.number in self.numbers:
            raise ValueError
        self.reached.set()
        await self.may_go_on.wait()


async def parked_lane(ledger: Ledger, fault: Fault, last: int = 3) -> Consumer:
    consumer = ledger.consumer(fault)
    await consumer.take([ledger.delivery(number) for number in range(1, last + 1)])
    fault.reached.clear()
    return consumer


async def states(ledger: Ledger) -> list[str]:
    return [row.state for row in await ledger.parked()]


async def test_after_a_fix_the_whole_lane_is_redriven_in_order(ledger: Ledger) -> None:
    fault = Fault(1)
    consumer = await parked_lane(ledger, fault)
    last = (await ledger.parked())[-1]
    fault.numbers.clear()
    answer = await redrive(ledger.transactions, consumer, last.id, "op-1", utc_now)
    assert (answer.took_effect, answer.parked.state, answer.parked.settled_by) == (
        3,
        "redriven",
        "op-1",
    )
    assert await ledger.effects() == {"a": [1, 2, 3]}
    await consumer.take([ledger.delivery(4)])
    assert await ledger.effects() == {"a": [1, 2, 3, 4]}


async def test_a_redrive_stops_at_the_first_that_fails_again(ledger: Ledger) -> None:
    fault = Fault(1)
    consumer = await parked_lane(ledger, fault)
    fault.numbers = {2}
    answer = await redrive(
        ledger.transactions, consumer, (await ledger.parked())[0].id, "op-1", utc_now
    )
    assert answer.took_effect == 1
    assert await states(ledger) == ["redriven", "waiting", "waiting"]
    reasons = [(row.reason, row.attempts) for row in await ledger.parked()]
    assert reasons[1:] == [("failed", 1), ("behind", 0)]
    assert await ledger.effects() == {"a": [1]}


async def test_what_cannot_be_read_does_not_vanish_when_it_is_redriven(ledger: Ledger) -> None:
    consumer = ledger.consumer()
    bad = [ledger.delivery(1, headers={"ce_id": b"\xff"}), ledger.delivery(1, key="b", body=b"{")]
    await consumer.take(bad)
    for row in await ledger.parked():
        answer = await redrive(ledger.transactions, consumer, row.id, "op-1", utc_now)
        assert (answer.took_effect, answer.parked.state) == (0, "waiting")


async def test_what_has_no_key_waits_behind_nobody(ledger: Ledger) -> None:
    consumer = ledger.consumer(Fault(1))
    keyless = [read_raw(structs.replace(ledger.delivery(n).raw, key=None)) for n in (1, 2, 3)]
    await consumer.take(keyless)
    assert [row.reason for row in await ledger.parked()] == ["failed"]
    assert await ledger.effects() == {"a": [2, 3]}


async def test_redriving_what_is_settled_is_refused(ledger: Ledger) -> None:
    fault = Fault(1)
    consumer = await parked_lane(ledger, fault, last=1)
    fault.numbers.clear()
    parked = (await ledger.parked())[0].id
    await redrive(ledger.transactions, consumer, parked, "op-1", utc_now)
    with pytest.raises(Conflict):
        await redrive(ledger.transactions, consumer, parked, "op-1", utc_now)
    assert await ledger.effects() == {"a": [1]}


async def test_two_redrives_at_once_apply_each_once_in_order(ledger: Ledger) -> None:
    fault = Fault(1)
    consumer = await parked_lane(ledger, fault, last=8)
    fault.numbers.clear()
    lane = (await ledger.parked())[0].lane
    counts = await asyncio.gather(*(consumer.redrive(lane, "op") for _ in range(4)))
    assert sum(counts) == 8
    assert await ledger.effects() == {"a": list(range(1, 9))}


async def test_an_event_that_arrives_during_the_last_redrive_comes_after_it(
    ledger: Ledger,
) -> None:
    fault = Fault(1)
    consumer = await parked_lane(ledger, fault, last=1)
    fault.numbers.clear()
    fault.may_go_on.clear()
    lane = (await ledger.parked())[0].lane
    redriving = asyncio.create_task(consumer.redrive(lane, "op"))
    await fault.reached.wait()  # one has been handled on its own connection, and is not committed
    arriving = asyncio.create_task(ledger.consumer().take([ledger.delivery(2)]))
    await asyncio.sleep(0.2)
    assert not arriving.done(), "it must wait for what is before it"
    fault.may_go_on.set()
    await asyncio.gather(redriving, arriving)
    assert await ledger.effects() == {"a": [1, 2]}
    assert await states(ledger) == ["redriven"]


async def test_a_redrive_that_begins_while_an_event_arrives_takes_it_along(ledger: Ledger) -> None:
    fault = Fault(1)
    consumer = await parked_lane(ledger, fault, last=1)
    fault.numbers.clear()
    lane = (await ledger.parked())[0].lane
    async with ledger.transactions.begin() as tx:
        assert await ledger.parking.occupied(tx, [lane]) == {lane}
        redriving = asyncio.create_task(consumer.redrive(lane, "op"))
        await asyncio.sleep(0.2)
        assert not redriving.done(), "it must wait for who is looking at the line"
        await ledger.parking.park(tx, ledger.delivery(2), BEHIND, NOW)
    assert await redriving == 2
    assert await ledger.effects() == {"a": [1, 2]}


async def test_redrives_and_arrivals_at_random_keep_order_and_lose_nothing(ledger: Ledger) -> None:
    fault = Fault(1)
    consumer = await parked_lane(ledger, fault, last=2)
    fault.numbers.clear()
    lane = (await ledger.parked())[0].lane

    async def arrive() -> None:
        for number in range(3, 30):
            await ledger.consumer().take([ledger.delivery(number)])

    async def redrive_again_and_again() -> None:
        for _ in range(20):
            await consumer.redrive(lane, "op")
            await asyncio.sleep(0.005)

    await asyncio.gather(arrive(), redrive_again_and_again())
    await consumer.redrive(lane, "op")
    assert await ledger.effects() == {"a": list(range(1, 30))}


async def test_an_event_on_the_bus_again_is_not_applied_besides_the_redrive(
    ledger: Ledger,
) -> None:
    fault = Fault(1)
    consumer = ledger.consumer(fault)
    batch = [ledger.delivery(1), ledger.delivery(2)]
    await consumer.take(batch)
    fault.numbers.clear()
    await consumer.take(batch)
    assert await ledger.effects() == {}
    await consumer.redrive((await ledger.parked())[0].lane, "op")
    await consumer.take(batch)
    assert await ledger.effects() == {"a": [1, 2]}


async def test_a_list_comes_in_order_and_by_pages(ledger: Ledger) -> None:
    await parked_lane(ledger, Fault(1), last=5)
    async with ledger.transactions.begin() as tx:
        first = await parked_page(tx, "waiting", 0, 3)
        rest = await parked_page(tx, None, first[-1].position, 3)
        none = await parked_page(tx, "discarded", 0, 3)
    assert [row.offset for row in [*first, *rest]] == [1, 2, 3, 4, 5]
    assert none == []


async def test_an_operator_sees_the_shape_and_not_the_body(ledger: Ledger) -> None:
    await ledger.consumer().take([ledger.delivery(1, body=b"Morag's secret")])
    async with ledger.transactions.begin() as tx:
        shown = await inspect(tx, ledger.parking, (await ledger.parked())[0].id)
    assert (shown.value_bytes, shown.key_bytes) == (14, 1)
    assert "ce_id" in shown.headers
    assert "Morag" not in repr(shown)


async def test_what_is_parked_is_sealed(ledger: Ledger) -> None:
    await ledger.consumer().take([ledger.delivery(1, key="Morag", body=b"Morag's secret")])
    (row,) = await ledger.parked()
    assert b"secret" not in row.record
    assert "Morag" not in row.lane + row.detail + row.reason
    with pytest.raises(CannotDecrypt):
        Parking(FieldCipher(OTHER_KEY)).delivery(row.record)


async def test_giving_up_needs_a_reason_and_is_on_record(ledger: Ledger) -> None:
    await parked_lane(ledger, Fault(1), last=2)
    parked = (await ledger.parked())[0].id
    for reason in ("", "         ", "too short"):
        with pytest.raises(Invalid):
            async with ledger.transactions.begin() as tx:
                await discard(tx, ledger.parking, parked, "op-1", reason, NOW)
    async with ledger.transactions.begin() as tx:
        out = await discard(tx, ledger.parking, parked, "op-1", "sent twice by mistake", NOW)
    assert (out.state, out.settled_by, out.settled_reason) == (
        "discarded",
        "op-1",
        "sent twice by mistake",
    )
    async with ledger.transactions.begin() as tx:
        log = (await tx.session.execute(select(PLUMBING.audit_log))).all()
    assert [(row.actor, row.act, row.subject) for row in log] == [
        ("op-1", "parked.discard", parked)
    ]
    assert await states(ledger) == ["discarded", "waiting"]
    with pytest.raises(Conflict):
        async with ledger.transactions.begin() as tx:
            await discard(tx, ledger.parking, parked, "op-1", "sent twice by mistake", NOW)


async def test_a_redrive_is_on_record(ledger: Ledger) -> None:
    fault = Fault(1)
    consumer = await parked_lane(ledger, fault, last=1)
    fault.numbers.clear()
    parked = (await ledger.parked())[0].id
    await redrive(ledger.transactions, consumer, parked, "op-1", utc_now)
    async with ledger.transactions.begin() as tx:
        log = (await tx.session.execute(select(PLUMBING.audit_log))).all()
    assert [(row.actor, row.act, row.subject) for row in log] == [
        ("op-1", "parked.redrive", parked)
    ]


async def test_after_giving_up_the_first_the_others_go_on_when_redriven(ledger: Ledger) -> None:
    consumer = await parked_lane(ledger, Fault(1))
    rows = await ledger.parked()
    async with ledger.transactions.begin() as tx:
        await discard(tx, ledger.parking, rows[0].id, "op-1", "it never happened", NOW)
    await consumer.take([ledger.delivery(4)])
    answer = await redrive(ledger.transactions, consumer, rows[1].id, "op-1", utc_now)
    assert answer.took_effect == 3
    assert await ledger.effects() == {"a": [2, 3, 4]}


async def test_what_was_never_parked_is_not_found(ledger: Ledger) -> None:
    with pytest.raises(NotFound):
        await redrive(ledger.transactions, ledger.consumer(), "none", "op-1", utc_now)
