"""Several batches on their way at once: settled in order, or sent again in order."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from itertools import pairwise
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError
from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from shared.messaging import relay as relaying
from shared.messaging.bus import BusAway
from shared.messaging.flight import Flight
from shared.messaging.packets import partition_of
from tests.messaging.bus_reading import numbers_per_key, records
from tests.messaging.ledger import Ledger, until

KEYS = [f"key-{number}" for number in range(7)]


class Acknowledgements:
    """A flight whose batches land when the test says so."""

    def __init__(self, count: int) -> None:
        self.failures, self.settled = 0, []
        self.flight = Flight(on_failure=self._count)
        self.acknowledged = [asyncio.get_running_loop().create_future() for _ in range(count)]
        for number, future in enumerate(self.acknowledged):
            self.flight.add([number], future, lambda number=number: self._settle(number))

    def _count(self) -> None:
        self.failures += 1

    async def _settle(self, number: int) -> None:
        self.settled.append(number)


@pytest.fixture
async def three() -> AsyncIterator[Acknowledgements]:
    made = Acknowledgements(3)
    yield made
    await made.flight.drop()


async def test_a_batch_that_lands_early_is_settled_after_those_before_it(
    three: Acknowledgements,
) -> None:
    for number in (2, 1):
        three.acknowledged[number].set_result(None)
    await asyncio.sleep(0.01)
    assert three.settled == []
    three.acknowledged[0].set_result(None)
    await three.flight.all()
    assert three.settled == [0, 1, 2]
    assert len(three.flight) == 0


async def test_who_is_stopped_while_waiting_for_a_batch_does_not_stop_it(
    three: Acknowledgements,
) -> None:
    waiting = asyncio.create_task(three.flight.at_most(2))
    await asyncio.sleep(0.01)
    waiting.cancel()
    await asyncio.wait({waiting})
    assert waiting.cancelled()
    for acknowledged in three.acknowledged:
        acknowledged.set_result(None)
    await three.flight.all()
    assert three.settled == [0, 1, 2]


async def test_what_follows_a_batch_that_failed_is_not_settled(three: Acknowledgements) -> None:
    three.acknowledged[0].set_result(None)
    await three.flight.at_most(2)
    three.acknowledged[2].set_result(None)
    three.acknowledged[1].set_exception(BusAway("gone"))
    with pytest.raises(BusAway, match="gone"):
        await three.flight.at_most(1)
    await asyncio.sleep(0.01)
    assert three.failures == 2
    assert three.flight.positions() == [1, 2]
    await three.flight.drop()
    assert (three.settled, three.flight.positions()) == ([0], [])


@given(st.text(max_size=60), st.integers(1, 200))
def test_a_key_goes_where_every_client_puts_it(key: str, partitions: int) -> None:
    places = list(range(partitions))
    asked: Any = DefaultPartitioner()
    assert partition_of(key, partitions) == asked(key.encode(), places, places)


async def test_several_batches_on_their_way_arrive_in_order_and_once(
    bus_ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "BATCH", 10)
    await bus_ledger.note_many(KEYS, 40)
    relay, seen = bus_ledger.relay(), set[int]()
    add = relay._flight.add

    def watched(positions: Sequence[int], *rest: Any) -> None:
        add(positions, *rest)
        seen.add(len(relay._flight))

    monkeypatch.setattr(relay._flight, "add", watched)
    await relay.start()
    await until(lambda: _all_sent(bus_ledger))
    await relay.stop()
    found = numbers_per_key(await records(bus_ledger.bootstrap, bus_ledger.topic.name))
    assert found == {key: list(range(1, 41)) for key in KEYS}
    assert max(seen) == relaying.ON_THEIR_WAY + 1


async def _all_sent(ledger: Ledger) -> bool:
    return await ledger.unsent() == 0


async def test_a_failure_among_several_on_their_way_puts_nothing_out_of_order(
    bus_ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relaying, "BATCH", 10)
    await bus_ledger.note_many(KEYS, 30)
    too_large = "UPDATE outbox SET body = convert_to(repeat('x', 2000000), 'UTF8')"
    async with bus_ledger.database.engine.begin() as connection:
        await connection.execute(text("CREATE TABLE kept AS SELECT position, body FROM outbox"))
        await connection.execute(text(f"{too_large} WHERE key = 'key-3' AND sequence = 12"))
    relay = bus_ledger.relay()
    await relay.start()
    await until(lambda: _some_sent(bus_ledger))
    await asyncio.sleep(0.5)
    async with bus_ledger.database.engine.begin() as connection:
        mend = "UPDATE outbox SET body = kept.body FROM kept WHERE kept.position = outbox.position"
        await connection.execute(text(mend))
    await until(lambda: _all_sent(bus_ledger))
    await relay.stop()
    found = numbers_per_key(await records(bus_ledger.bootstrap, bus_ledger.topic.name))
    assert {key: sorted(set(numbers)) for key, numbers in found.items()} == {
        key: list(range(1, 31)) for key in KEYS
    }
    # It may go back and say things again; it never skips one.
    steps = [after - before for numbers in found.values() for before, after in pairwise(numbers)]
    assert max(steps) == 1


async def _some_sent(ledger: Ledger) -> bool:
    return await ledger.unsent() < 30 * len(KEYS)


async def test_one_event_that_fits_nowhere_is_refused_before_anything_is_sent(
    bus_ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bus_ledger.note_many(["a"], 2)

    def no_room(*_: object, **__: object) -> None:
        return None

    create = AIOKafkaProducer.create_batch

    def without_room(producer: AIOKafkaProducer) -> Any:
        batch = create(producer)
        monkeypatch.setattr(batch, "append", no_room)
        return batch

    monkeypatch.setattr(AIOKafkaProducer, "create_batch", without_room)
    relay = bus_ledger.relay()
    await relay.relay_once()
    with pytest.raises(MessageSizeTooLargeError):
        await relay.relay_once()
    await relay.stop()
    assert await bus_ledger.unsent() == 2
