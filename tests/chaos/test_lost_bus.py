"""Promise: a bus that is lost whole and made anew is filled again from the outboxes.

Attack: under load the cluster is killed, its data deleted, and an empty cluster with another id
started in its place, again and again. Every event that was ever acknowledged must be on the last
bus, in order, and must have taken effect once with every consumer: those that had read it on the
bus that was lost, and those that had not. The whole system, under its supervisor, must get there
without a person.

Control: relays that greet the new bus and send it nothing again. What had been sent is missing.
"""

import asyncio
import random
import shutil
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

from deploy.local.kafka import EmbeddedKafka
from tests.chaos.figures import record
from tests.chaos.ledger_service import (
    Load,
    effects_of,
    ledger_service,
    relaying,
    settled,
    under_load,
)
from tests.chaos.order import Verdict, judge
from tests.chaos.own_servers import own_kafka, replace
from tests.chaos.readers import has_all, listening, not_once, readers
from tests.chaos.sizes import SEED, size
from tests.chaos.topic_log import numbers_of, topic_log
from tests.messaging.bus_reading import make_topic
from tests.messaging.ledger import Ledger, until
from tests.servers import PostgresServer
from tests.system.chain import Chain
from tests.system.load import expect_each_effect_once
from tests.system.load import under_load as notified_under_load
from tests.system.running import System

pytestmark = [pytest.mark.chaos, pytest.mark.slow]

KEYS = [f"key-{number}" for number in range(200)]
CONSUMERS = 3
LOSSES, LOSSES_OF_A_SYSTEM = size(2, 20), size(1, 10)
WITHIN_SECONDS = size(180, 900)


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    """A bus that these tests may lose."""
    with own_kafka(tmp_path_factory.mktemp("lost-bus")) as server:
        yield server


async def test_whatever_bus_is_lost_every_event_reaches_every_consumer_once(
    postgres: PostgresServer, bus: EmbeddedKafka
) -> None:
    chance = random.Random(SEED)
    async with (
        ledger_service(postgres, bus.bootstrap) as ledger,
        readers(ledger, postgres, CONSUMERS) as consumers,
    ):
        load = Load(ledger, KEYS, pause=0.05)
        async with relaying(ledger), listening(consumers), under_load(load):
            for _ in range(LOSSES):
                await asyncio.sleep(chance.uniform(0.5, 3))
                await _lose(bus, ledger, chance.uniform(0, 3))
        async with relaying(ledger), listening(consumers):
            await until(lambda: settled(ledger), within=WITHIN_SECONDS)
            for one in consumers:
                healed = partial(has_all, one, load.acknowledged)
                await until(healed, WITHIN_SECONDS, every=0.5)
        await _expect_healed(ledger, load, consumers)


async def test_a_relay_that_sends_nothing_again_is_found_out(
    postgres: PostgresServer, bus: EmbeddedKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.messaging.meeting._SEND_AGAIN", text("SELECT NULL, 0"))
    async with (
        ledger_service(postgres, bus.bootstrap) as ledger,
        readers(ledger, postgres, 1) as consumers,
    ):
        async with relaying(ledger):
            await ledger.note_many(["a", "b"], 3)
            await until(lambda: settled(ledger))
            await _lose(bus, ledger, 0)
            await ledger.note_many(["a"], 2)
            await until(lambda: settled(ledger), within=WITHIN_SECONDS)
        acknowledged = {"a": 5, "b": 3}
        verdict = await _judged(ledger, acknowledged)
        assert verdict.lost == [("a", 1), ("a", 2), ("a", 3), ("b", 1), ("b", 2), ("b", 3)]
        assert verdict.overtaken == [("a", 0, 4)]
        async with listening(consumers):
            await until(lambda: has_all(consumers[0], {"a": 5}), within=WITHIN_SECONDS)
        assert not_once(await effects_of(consumers[0]), acknowledged) == {"a": [4, 5], "b": []}


def test_a_whole_system_whose_bus_is_lost_heals_without_a_person(tmp_path: Path) -> None:
    system = System(tmp_path / "home").start()
    chain = Chain(system)
    acknowledged = 0
    try:
        for _ in range(LOSSES_OF_A_SYSTEM):
            with notified_under_load(chain) as load:
                _lose_bus_of(system)
            assert set(load.statuses) == {201}
            expect_each_effect_once(chain, load)
            acknowledged += len(load.references)
    finally:
        chain.close()
        system.stop()
    record("a-lost-bus-system", losses=LOSSES_OF_A_SYSTEM, acknowledged=acknowledged, lost=0)


async def _lose(bus: EmbeddedKafka, ledger: Ledger, without_topics: float) -> None:
    """Another cluster answers, for a while without any topic."""
    await replace(bus)
    await asyncio.sleep(without_topics)
    await make_topic(bus.bootstrap, ledger.topic.name)


def _lose_bus_of(system: System) -> None:
    before, data = system.child("kafka")["restarts"], system.home.kafka / "data"
    # At once, before the supervisor can start it again with what it had.
    lost = data.rename(data.with_name("lost"))
    system.kill("kafka")
    system.wait_until_back("kafka", before + 1)
    shutil.rmtree(lost)


async def _judged(ledger: Ledger, acknowledged: Mapping[str, int]) -> Verdict:
    found = await asyncio.to_thread(topic_log, ledger.bootstrap, ledger.topic.name)
    return judge(numbers_of(found), acknowledged)


async def _expect_healed(ledger: Ledger, load: Load, consumers: Sequence[Ledger]) -> None:
    verdict = await _judged(ledger, load.acknowledged)
    wrong = [not_once(await effects_of(one), load.acknowledged) for one in consumers]
    record(
        "a-lost-bus",
        losses=LOSSES,
        consumers=CONSUMERS,
        events=verdict.events,
        lost=len(verdict.lost),
        overtaken=len(verdict.overtaken),
        said_again=verdict.repeated,
        effects_not_once=sum(map(len, wrong)),
    )
    assert verdict.kept, (verdict.lost[:5], verdict.overtaken[:5])
    assert wrong == [{}] * CONSUMERS
