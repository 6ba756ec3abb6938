"""Servers that are killed, stay away and come back, or are replaced by empty ones."""

import asyncio
import shutil
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import psutil
import pytest
from aiokafka import AIOKafkaConsumer

from deploy.local.kafka import EmbeddedKafka
from deploy.local.processes import kill_group
from shared.errors import Unavailable
from shared.messaging.bus import Bus, BusAway
from shared.messaging.inbox import Consumer
from tests.messaging.bus_reading import (
    committed,
    first_times,
    make_topic,
    numbers_per_key,
    records,
    send,
)
from tests.messaging.ledger import Ledger, create_tables, until
from tests.servers import PostgresServer, kafka_server

pytestmark = pytest.mark.chaos

KEYS = [f"key-{number}" for number in range(6)]


@pytest.fixture(scope="module")
def own_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    """A Kafka that these tests may kill."""
    server = kafka_server(tmp_path_factory.mktemp("killed-kafka"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def ledger(ledger_url: str, own_kafka: EmbeddedKafka) -> AsyncIterator[Ledger]:
    made = Ledger(ledger_url, own_kafka.bootstrap)
    await make_topic(made.bootstrap, made.topic.name)
    yield made
    await made.database.dispose()


def kill(server: EmbeddedKafka) -> None:
    """As `kill -9` does it: nothing is flushed, nobody is told."""
    assert server.process is not None
    kill_group(server.process.pid)
    server.process.wait()


async def freeze(server: EmbeddedKafka) -> None:
    """It keeps its connections and answers nothing."""
    assert server.process is not None
    server.process.send_signal(signal.SIGSTOP)
    while psutil.Process(server.process.pid).status() != psutil.STATUS_STOPPED:
        await asyncio.sleep(0.01)


async def start(server: EmbeddedKafka) -> None:
    server.prepare()
    server.launch()
    await asyncio.to_thread(server.wait_ready)


async def replace(server: EmbeddedKafka) -> None:
    """Another, empty one at the same address."""
    kill(server)
    shutil.rmtree(server.data)
    await start(server)


@asynccontextmanager
async def working(ledger: Ledger, consumer: Consumer | None = None) -> AsyncIterator[None]:
    """Relay and listener, stopped within the time a shutdown has."""
    relay, listener = ledger.relay(), ledger.listener(consumer)
    await relay.start()
    await listener.start()
    try:
        yield
    finally:
        began = time.monotonic()
        await listener.stop()
        await relay.stop()
        assert time.monotonic() - began < 8


async def applied(ledger: Ledger, each: int) -> bool:
    effects = await ledger.effects()
    return all(len(effects.get(key, [])) == each for key in KEYS)


async def everything_sent(ledger: Ledger) -> bool:
    return await ledger.unsent() == 0


def once_in_order(last: int) -> dict[str, list[int]]:
    return {key: list(range(1, last + 1)) for key in KEYS}


async def test_a_bus_that_is_killed_and_comes_back_loses_and_repeats_nothing(
    ledger: Ledger, own_kafka: EmbeddedKafka
) -> None:
    async with working(ledger):
        await ledger.note_many(KEYS, 3)
        await until(lambda: applied(ledger, 3))
        noting = asyncio.create_task(ledger.note_many(KEYS, 30))
        await asyncio.sleep(0.1)
        kill(own_kafka)
        await noting
        await asyncio.sleep(1)
        assert await ledger.unsent() > 0
        await start(own_kafka)
        await until(lambda: applied(ledger, 33))
        assert await ledger.effects() == once_in_order(33)
    found = numbers_per_key(await records(ledger.bootstrap, ledger.topic.name))
    assert {key: first_times(numbers) for key, numbers in found.items()} == once_in_order(33)


async def test_a_bus_replaced_by_an_empty_one_is_filled_again_in_order(
    ledger: Ledger, own_kafka: EmbeddedKafka
) -> None:
    async with working(ledger):
        await ledger.note_many(KEYS, 5)
        await until(lambda: applied(ledger, 5))
        noting = asyncio.create_task(ledger.note_many(KEYS, 20))
        await replace(own_kafka)
        await make_topic(ledger.bootstrap, ledger.topic.name)
        await noting
        await until(lambda: applied(ledger, 25), within=30)
        await until(lambda: everything_sent(ledger))
        await until(lambda: _committed_all(ledger, 25 * len(KEYS)))
    assert await ledger.effects() == once_in_order(25)
    found = numbers_per_key(await records(ledger.bootstrap, ledger.topic.name))
    assert {key: first_times(numbers) for key, numbers in found.items()} == once_in_order(25)


async def _committed_all(ledger: Ledger, count: int) -> bool:
    return await committed(ledger.bootstrap, ledger.name, ledger.topic.name) >= count


async def test_a_place_on_the_lost_bus_means_nothing_on_the_new_one(
    ledger: Ledger, own_kafka: EmbeddedKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The consumer was far on, and the new log reaches further before it looks again."""
    monkeypatch.setattr("shared.messaging.listener.WATCH_SECONDS", 60)
    begun, may_go_on = asyncio.Event(), asyncio.Event()

    async def hold(*_: object) -> None:
        begun.set()
        await may_go_on.wait()

    await send(ledger.bootstrap, ledger.topic.name, *_junk(60))
    async with working(ledger, ledger.consumer(hold)):
        await until(lambda: _committed_all(ledger, 60))
        await ledger.note_many(KEYS, 1)
        await begun.wait()
        await replace(own_kafka)
        await make_topic(ledger.bootstrap, ledger.topic.name)
        await ledger.note_many(KEYS, 60)
        await until(lambda: everything_sent(ledger))
        may_go_on.set()
        await until(lambda: applied(ledger, 61), within=30)
    assert await ledger.effects() == once_in_order(61)


async def test_a_commit_that_the_lost_bus_did_not_answer_is_not_made_on_the_new_one(
    ledger: Ledger, own_kafka: EmbeddedKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It begins on the old bus, and goes on when the consumer has joined its group on the new."""
    monkeypatch.setattr("shared.messaging.listener.WATCH_SECONDS", 60)
    monkeypatch.setattr("shared.messaging.committing.COMMIT_SECONDS", 60)
    await send(ledger.bootstrap, ledger.topic.name, *_junk(60))
    relay, listener = ledger.relay(), ledger.listener()
    await relay.start()
    await listener.start()
    await ledger.note_many(KEYS, 5)
    await until(lambda: _committed_all(ledger, 60 + 5 * len(KEYS)))
    held = HeldCommit(monkeypatch)
    await ledger.note_many(KEYS, 1)
    await held.begun.wait()
    await replace(own_kafka)
    await until(held.consumer_has_joined_anew)
    held.may_go_on.set()
    await asyncio.sleep(1)
    await make_topic(ledger.bootstrap, ledger.topic.name)
    await ledger.note_many(KEYS, 20)
    await until(lambda: applied(ledger, 26), within=30)
    await listener.stop()
    await relay.stop()
    assert await ledger.effects() == once_in_order(26)


class HeldCommit:
    """The next commit of offsets begins, and goes on when the test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.may_go_on = asyncio.Event(), asyncio.Event()
        self._group: Any = None
        self._member = ""
        go_on: Any = AIOKafkaConsumer.commit

        async def commit(consumer: Any, offsets: Any) -> None:
            self._group = consumer._coordinator
            self._member = self._group.member_id
            self.begun.set()
            await self.may_go_on.wait()
            await go_on(consumer, offsets)

        monkeypatch.setattr(AIOKafkaConsumer, "commit", commit)

    async def consumer_has_joined_anew(self) -> bool:
        return self._group.member_id not in {"", self._member}


def _junk(count: int) -> list[dict[str, Any]]:
    """Makes places on this log mean other events than the same places on the next."""
    return [{"value": b"x", "headers": _unknown(), "partition": n % 3} for n in range(count)]


def _unknown() -> list[tuple[str, bytes]]:
    names = ("ce_specversion", "ce_id", "ce_type", "ce_source")
    values = ("1.0", uuid4().hex, "scot.scrutiny.number.newer.v7", "somebody")
    return list(zip(names, map(str.encode, values), strict=True))


async def test_a_bus_replaced_in_silence_is_filled_without_a_new_event(
    ledger: Ledger, own_kafka: EmbeddedKafka
) -> None:
    """Nobody has read the first bus, and nothing more is published."""
    relay = ledger.relay()
    await relay.start()
    await ledger.note_many(KEYS, 3)
    await until(lambda: everything_sent(ledger))
    await replace(own_kafka)
    await make_topic(ledger.bootstrap, ledger.topic.name)
    listener = ledger.listener()
    await listener.start()
    await until(lambda: applied(ledger, 3), within=30)
    await listener.stop()
    await relay.stop()
    assert await ledger.effects() == once_in_order(3)


async def test_everything_stops_in_time_with_the_bus_dead(
    ledger: Ledger, own_kafka: EmbeddedKafka
) -> None:
    async with working(ledger):
        await ledger.note_many(KEYS, 1)
        await until(lambda: applied(ledger, 1))
        kill(own_kafka)
        await ledger.note_many(KEYS, 1)
        await asyncio.sleep(1)
    await start(own_kafka)


async def test_a_producer_that_was_given_up_sends_nothing_when_the_bus_returns(
    ledger: Ledger, own_kafka: EmbeddedKafka
) -> None:
    bus = Bus(ledger.bootstrap)
    await ledger.note_many(KEYS, 2)
    relay = ledger.relay()
    await relay.relay_once()
    kill(own_kafka)
    with pytest.raises(BusAway):
        await relay.relay_once()
    await relay.stop()
    await start(own_kafka)
    await bus.cluster_id()
    await asyncio.sleep(1)
    assert await records(ledger.bootstrap, ledger.topic.name) == []
    await bus.close()


async def test_a_frozen_bus_is_given_up_in_time(ledger: Ledger, own_kafka: EmbeddedKafka) -> None:
    assert own_kafka.process is not None
    bus = Bus(ledger.bootstrap)
    await bus.cluster_id()
    await freeze(own_kafka)
    try:
        began = time.monotonic()
        with pytest.raises(BusAway):
            await bus.cluster_id()
        await bus.close()
        assert time.monotonic() - began < 12
    finally:
        own_kafka.process.send_signal(signal.SIGCONT)


async def test_everything_stops_in_time_with_the_bus_frozen(
    ledger: Ledger, own_kafka: EmbeddedKafka
) -> None:
    assert own_kafka.process is not None
    try:
        async with working(ledger):
            await ledger.note_many(KEYS, 1)
            await until(lambda: applied(ledger, 1))
            await freeze(own_kafka)
            await ledger.note_many(KEYS, 1)
            await asyncio.sleep(0.5)
    finally:
        own_kafka.process.send_signal(signal.SIGCONT)


async def test_a_database_that_is_killed_pauses_the_consumer_and_commits_nothing(
    own_kafka: EmbeddedKafka, tmp_path: Path
) -> None:
    server = PostgresServer(tmp_path / "postgres")
    server.settings = {**server.settings, "fsync": "on"}
    server.start()
    ledger = Ledger(server.create_database("killed"), own_kafka.bootstrap)
    async with ledger.database.engine.begin() as connection:
        await connection.run_sync(create_tables)
    await make_topic(ledger.bootstrap, ledger.topic.name)
    try:
        async with working(ledger):
            await ledger.note_many(KEYS, 3)
            await until(lambda: applied(ledger, 3))
            await until(lambda: _committed_all(ledger, 18))
            await _kill_while_events_wait(ledger, server)
            await until(lambda: applied(ledger, 6))
            await until(lambda: _committed_all(ledger, 36))
        assert await ledger.effects() == once_in_order(6)
        assert await ledger.parked() == []
    finally:
        await ledger.database.dispose()
        server.stop()


async def _kill_while_events_wait(ledger: Ledger, server: PostgresServer) -> None:
    lock = await asyncpg.connect(ledger.url)
    # Events reach the bus and none takes effect, until the database is gone.
    await lock.execute("BEGIN; LOCK TABLE effects IN ACCESS EXCLUSIVE MODE")
    await ledger.note_many(KEYS, 3)
    await until(lambda: everything_sent(ledger))
    assert server.process is not None
    kill_group(server.process.pid)
    server.process.wait()
    lock.terminate()
    with pytest.raises(Unavailable):
        await ledger.note_many(["a"], 1)
    await asyncio.sleep(1)
    assert await committed(ledger.bootstrap, ledger.name, ledger.topic.name) == 18
    server.prepare()
    server.launch()
    await asyncio.to_thread(server.wait_ready)
