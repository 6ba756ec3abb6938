"""Offsets follow the database: what was committed on the bus has taken effect or is parked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from sqlalchemy import text

from shared.events.envelope import Headers
from shared.messaging.broker import METADATA_MILLISECONDS
from shared.messaging.bus import Bus
from shared.messaging.delivery import read
from shared.messaging.listener import Listener
from shared.transaction import Transaction
from tests.messaging.bus_reading import committed, make_topic, send, send_with_bad_header_name
from tests.messaging.ledger import Ledger, Noted, until

KEYS = [f"key-{number}" for number in range(9)]


@asynccontextmanager
async def listening(*listeners: Listener) -> AsyncIterator[None]:
    for listener in listeners:
        await listener.start()
    try:
        yield
    finally:
        await asyncio.gather(*(listener.stop() for listener in listeners))


async def publish(ledger: Ledger, keys: list[str], times: int) -> None:
    await ledger.note_many(keys, times)
    relay = ledger.relay()
    while await ledger.unsent():
        await relay.relay_once()
    await relay.stop()


async def applied(ledger: Ledger, count: int) -> bool:
    return len(await ledger.effect_rows()) >= count


async def committed_by(ledger: Ledger) -> int:
    return await committed(ledger.bootstrap, ledger.name, ledger.topic.name)


async def test_every_event_takes_effect_in_order_and_is_committed(bus_ledger: Ledger) -> None:
    await publish(bus_ledger, KEYS, 4)
    async with listening(bus_ledger.listener()):
        await until(lambda: _has_committed(bus_ledger, 36))
    assert await bus_ledger.effects() == {key: [1, 2, 3, 4] for key in KEYS}


async def _has_committed(ledger: Ledger, count: int) -> bool:
    return await committed_by(ledger) == count


class Holding:
    """A handler that begins, and goes on when the test says so."""

    def __init__(self) -> None:
        self.begun, self.may_go_on = asyncio.Event(), asyncio.Event()

    async def __call__(self, _: Transaction, __: Noted, ___: Headers) -> None:
        self.begun.set()
        await self.may_go_on.wait()


async def test_nothing_is_committed_before_the_database_has(bus_ledger: Ledger) -> None:
    await publish(bus_ledger, ["a"], 3)
    hold = Holding()
    async with listening(bus_ledger.listener(bus_ledger.consumer(hold))):
        await hold.begun.wait()
        await asyncio.sleep(0.5)
        assert await committed_by(bus_ledger) == 0
        hold.may_go_on.set()
        await until(lambda: _has_committed(bus_ledger, 3))
    assert await bus_ledger.effects() == {"a": [1, 2, 3]}


async def test_a_batch_that_could_not_be_taken_is_read_again_and_never_committed(
    bus_ledger: Ledger,
) -> None:
    await publish(bus_ledger, ["a"], 3)
    consumer, failures = bus_ledger.consumer(), [RuntimeError("1"), RuntimeError("2")]
    take, offsets_then = consumer.take, []

    async def fail_twice(deliveries: Any) -> None:
        offsets_then.append(await committed_by(bus_ledger))
        if failures:
            raise failures.pop()
        await take(deliveries)

    consumer.take = fail_twice
    async with listening(bus_ledger.listener(consumer)):
        await until(lambda: _has_committed(bus_ledger, 3))
    assert offsets_then[:3] == [0, 0, 0]
    assert await bus_ledger.effects() == {"a": [1, 2, 3]}


async def test_who_stops_in_the_middle_of_a_batch_leaves_it_to_the_next(bus_ledger: Ledger) -> None:
    await publish(bus_ledger, ["a"], 3)
    hold = Holding()
    stopped = bus_ledger.listener(bus_ledger.consumer(hold))
    await stopped.start()
    await hold.begun.wait()
    async with asyncio.timeout(10):
        await stopped.stop()
    assert (await bus_ledger.effects(), await committed_by(bus_ledger)) == ({}, 0)
    async with listening(bus_ledger.listener()):
        await until(lambda: applied(bus_ledger, 3), within=5)
    assert await bus_ledger.effects() == {"a": [1, 2, 3]}


async def test_a_crash_between_commit_and_offset_commit_repeats_nothing(
    bus_ledger: Ledger,
) -> None:
    await publish(bus_ledger, KEYS, 2)
    listener = bus_ledger.listener()
    async with _without_offset_commits(), listening(listener):
        await until(lambda: applied(bus_ledger, 18))
        await asyncio.sleep(0.3)
    assert await committed_by(bus_ledger) == 0
    async with listening(bus_ledger.listener()):
        await until(lambda: _has_committed(bus_ledger, 18))
    assert await bus_ledger.effects() == {key: [1, 2] for key in KEYS}


@asynccontextmanager
async def _without_offset_commits() -> AsyncIterator[None]:
    """As if the process died, or the group had moved on, just before each."""

    async def refuse(*_: object) -> None:
        raise asyncio.CancelledError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AIOKafkaConsumer, "commit", refuse)
        yield


async def test_a_consumer_that_commits_first_loses_what_it_had_in_hand(bus_ledger: Ledger) -> None:
    """The control: the same crash, survived above, with offsets that lead."""
    await publish(bus_ledger, ["a"], 3)

    async def crash(tx: Transaction, event: Noted, headers: Headers) -> None:
        raise asyncio.CancelledError

    for handler in (crash, None):
        reader = AIOKafkaConsumer(
            bus_ledger.topic.name,
            bootstrap_servers=bus_ledger.bootstrap,
            group_id=bus_ledger.name,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        )
        await reader.start()
        batches = await reader.getmany(timeout_ms=1500)
        await reader.commit()
        records = [read(one) for batch in batches.values() for one in batch]
        if records:
            with pytest.raises(asyncio.CancelledError):
                await bus_ledger.consumer(handler).take(records)
        await reader.stop()
    assert await committed_by(bus_ledger) == 3
    assert await bus_ledger.effects() == {}


async def test_two_instances_share_the_work_through_rebalances(bus_ledger: Ledger) -> None:
    async def take_time(tx: Transaction, event: Noted, headers: Headers) -> None:
        await tx.session.execute(text("SELECT pg_sleep(0.003)"))

    first, second = (
        bus_ledger.listener(bus_ledger.consumer(take_time, name)) for name in ("one", "two")
    )
    relay = bus_ledger.relay()
    await relay.start()
    async with listening(first, second):
        rounds = await _note_until(bus_ledger, {"one", "two"})
        await asyncio.gather(bus_ledger.note_many(KEYS, 10), first.stop())
        everything = (rounds + 10) * len(KEYS)
        await until(lambda: applied(bus_ledger, everything))
        await until(lambda: _has_at_least_committed(bus_ledger, everything))
    await relay.stop()
    assert await bus_ledger.effects() == {key: list(range(1, rounds + 11)) for key in KEYS}


async def _note_until(ledger: Ledger, instances: set[str]) -> int:
    """Keep noting until each instance has had its share; answers how often each key was noted."""
    rounds = 0
    async with asyncio.timeout(30):
        while {row.instance for row in await ledger.effect_rows()} != instances:
            await ledger.note_many(KEYS, 2)
            rounds += 2
    return rounds


async def _has_at_least_committed(ledger: Ledger, count: int) -> bool:
    return await committed_by(ledger) >= count


async def test_records_nobody_could_have_written_well_pass_through_the_real_client(
    bus_ledger: Ledger,
) -> None:
    sound = bus_ledger.delivery(1, key="b").raw
    topic = bus_ledger.topic.name
    broken = [(name, b"\xff\xfe" if name == "ce_id" else value) for name, value in sound.headers]
    bad = [
        {"key": b"a", "value": sound.value, "headers": broken},
        {"key": b"\xff\xfe", "value": b"\x00", "headers": []},
        {"key": b"", "value": None, "headers": [("", b"")]},
        {"key": b"c", "value": b"{", "headers": sound.headers[:2]},
    ]
    await send(bus_ledger.bootstrap, topic, *({"partition": 0} | one for one in bad))
    good = {"partition": 0, "key": b"b", "value": sound.value, "headers": sound.headers}
    await send(bus_ledger.bootstrap, topic, good)
    async with listening(bus_ledger.listener()):
        await until(lambda: _has_committed(bus_ledger, 5))
    assert await bus_ledger.effects() == {"b": [1]}
    kept = [bus_ledger.parking.delivery(row.record).raw for row in await bus_ledger.parked()]
    assert [(one.key, one.value) for one in kept] == [
        (one["key"], one["value"] or b"") for one in bad
    ]
    assert kept[0].headers == broken


@pytest.mark.parametrize("compression", [0, 1, 4], ids=["plain", "gzip", "zstd"])
async def test_a_header_name_that_is_not_utf_8_stops_nobody(
    bus_ledger: Ledger, compression: int
) -> None:
    before, after = bus_ledger.delivery(1, key="b").raw, bus_ledger.delivery(3, key="b").raw
    batch = [bus_ledger.delivery(number, key="a").raw for number in (1, 2)]
    topic = bus_ledger.topic.name
    for raw in (before, None, after):
        if raw is None:
            await send_with_bad_header_name(bus_ledger.bootstrap, topic, batch, compression)
        else:
            told = {"key": raw.key, "value": raw.value, "headers": raw.headers, "partition": 0}
            await send(bus_ledger.bootstrap, topic, told)
    async with listening(bus_ledger.listener()):
        await until(lambda: _has_committed(bus_ledger, 4))
    assert await bus_ledger.effects() == {"a": [1, 2], "b": [1, 3]}


@pytest.mark.parametrize("compression", ["gzip", "snappy", "lz4", "zstd"])
async def test_whatever_a_sender_compresses_with_can_be_read(
    bus_ledger: Ledger, compression: str
) -> None:
    raw = bus_ledger.delivery(1).raw
    record = {"key": raw.key, "value": raw.value, "headers": raw.headers}
    await send(bus_ledger.bootstrap, bus_ledger.topic.name, record, compression_type=compression)
    async with listening(bus_ledger.listener()):
        await until(lambda: applied(bus_ledger, 1))


async def test_progress_counts_what_took_effect_and_not_what_was_read(bus_ledger: Ledger) -> None:
    await publish(bus_ledger, ["a"], 3)
    hold = Holding()
    listener = bus_ledger.listener(bus_ledger.consumer(hold))
    async with listening(listener):
        await hold.begun.wait()
        before = await listener.state()
        assert sum(one["lag"] or 0 for one in before["partitions"]) == 3
        await asyncio.sleep(0.05)
        assert (await listener.state())["moved_at"] == before["moved_at"]
        hold.may_go_on.set()
        await until(lambda: _has_committed(bus_ledger, 3))
        after = await listener.state()
        assert sum(one["lag"] or 0 for one in after["partitions"]) == 0
        assert after["moved_at"] > before["moved_at"]
        assert after["listening"]
        assert after["cluster"] == before["cluster"]


async def test_a_topic_made_after_the_start_is_found(kafka: str, ledger_url: str) -> None:

    assert METADATA_MILLISECONDS <= 10_000
    ledger = Ledger(ledger_url, kafka)
    async with listening(ledger.listener()):
        await asyncio.sleep(1)
        await make_topic(kafka, ledger.topic.name)
        await publish(ledger, ["a"], 2)
        await until(lambda: applied(ledger, 2), within=15)
    await ledger.database.dispose()


async def test_one_admin_connection_serves_all_who_ask_at_once(kafka: str) -> None:
    bus = Bus(kafka)
    answers = await asyncio.gather(*(bus.cluster_id() for _ in range(8)))
    assert len(set(answers)) == 1
    await bus.close()
