"""Servers and services are killed under load: nothing acknowledged is lost, each effect is once."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from confluent_kafka import Consumer, TopicPartition

from deploy.local.environment import service_environment
from deploy.local.home import CHECKOUT
from deploy.local.ports import free_ports
from tests.system.chain import Chain
from tests.system.load import expect_each_effect_once, under_load
from tests.system.partner import Partner
from tests.system.personal import notification
from tests.system.stored import rows
from tests.system.waiting import until

pytestmark = pytest.mark.chaos

KEPT = "SELECT count(*) AS events, count(*) FILTER (WHERE sent_at IS NULL) AS unsent FROM outbox"
BUS = "SELECT cluster_id FROM relay_bus"
# Every worker writes its row every two seconds; one that was killed leaves an old one behind.
WORKERS = """SELECT owner, state FROM worker_state
             WHERE seen_at > clock_timestamp() - interval '6 seconds'"""
PARTITIONS = 6


def test_kafka_killed_under_load_and_back_costs_nobody_anything(chain: Chain) -> None:
    with killed(chain, "kafka"), under_load(chain) as load:
        chain.system.kill("kafka")
    assert set(load.statuses) == {201}
    expect_each_effect_once(chain, load)


def test_postgresql_killed_under_load_and_back_is_a_503_and_then_goes_on(chain: Chain) -> None:
    with killed(chain, "postgres"), under_load(chain) as load:
        chain.system.kill("postgres")
        until(lambda: load.statuses[503])
    assert set(load.statuses) == {201, 503}
    for answer in load.problems:
        problem = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert (problem["status"], answer.headers["retry-after"]) == (503, "2")
    expect_each_effect_once(chain, load)


@pytest.mark.parametrize("service", ["intake", "deadlines"])
def test_a_service_killed_under_load_goes_on_where_it_was(chain: Chain, service: str) -> None:
    with killed(chain, service), under_load(chain) as load:
        chain.system.kill(service)
    assert load.statuses[201] == len(load.references)
    expect_each_effect_once(chain, load)


def test_the_directory_away_only_makes_the_mails_late(chain: Chain) -> None:
    with killed(chain, "directory"), under_load(chain) as load:
        chain.system.kill("directory")
    assert set(load.statuses) == {201}
    expect_each_effect_once(chain, load)


def test_an_empty_bus_in_place_of_the_old_one_gets_everything_again(chain: Chain) -> None:
    before = rows(chain.system, "intake", BUS)
    with killed(chain, "kafka"), under_load(chain) as load:
        _replace_bus(chain)
    until(lambda: rows(chain.system, "intake", BUS) != before, why=chain.system.logs)
    for service in ("intake", "deadlines"):
        until(lambda service=service: rows(chain.system, service, KEPT)[0]["unsent"] == 0)
        kept = rows(chain.system, service, KEPT)[0]["events"]
        assert _on_the_bus(chain, service) >= kept
    expect_each_effect_once(chain, load)
    fife = Partner(chain.system)
    assert fife.receipt(fife.submit(notification())).body["reference"]
    fife.close()


def test_two_instances_of_deadlines_share_the_work_and_one_goes_on_alone(
    chain: Chain, tmp_path: Path
) -> None:
    with a_second_deadlines(chain, tmp_path) as second:
        until(lambda: _shares(chain) == 2, why=lambda: _read_by(chain))
        with under_load(chain) as load:
            assert sum(map(len, _read_by(chain).values())) == PARTITIONS
        expect_each_effect_once(chain, load)
        with under_load(chain) as load:
            second.send_signal(signal.SIGTERM)
            assert second.wait(30) == 0
    until(lambda: [len(one) for one in _read_by(chain).values()] == [PARTITIONS])
    expect_each_effect_once(chain, load)


@contextmanager
def killed(chain: Chain, name: str) -> Iterator[None]:
    """Something is killed once in the block, and is back when it ends."""
    before = chain.system.child(name)["restarts"]
    try:
        yield
    finally:
        chain.system.wait_until_back(name, before + 1)


@contextmanager
def a_second_deadlines(chain: Chain, folder: Path) -> "Iterator[subprocess.Popen[bytes]]":
    """Another worker of deadlines, as it would be started beside the first in production."""
    system = chain.system
    environment = service_environment(
        system.home,
        system.ports,
        "deadlines",
        database_url=system.database_url("deadlines"),
        bus=system.bootstrap,
    ) | {"SCRUTINY_HTTP_PORT": str(free_ports(1)[0])}
    command = [sys.executable, "-m", "services.deadlines", "worker"]
    with (folder / "second.log").open("wb") as log:
        running = subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=log, stderr=log)
    try:
        yield running
    finally:
        running.kill()
        running.wait()


def _replace_bus(chain: Chain) -> None:
    """The broker's data is gone; what starts in its place is a cluster with another id."""
    data = chain.system.home.kafka / "data"
    data.rename(data.with_name("lost"))
    before = chain.system.child("kafka")["restarts"]
    chain.system.kill("kafka")
    chain.system.wait_until_back("kafka", before + 1)


def _on_the_bus(chain: Chain, service: str) -> int:
    """How many records the topics hold that a service writes."""
    consumer = Consumer({"bootstrap.servers": chain.system.bootstrap, "group.id": "count"})
    ends = [
        consumer.get_watermark_offsets(TopicPartition(name, part), timeout=10)[1]
        for name, topic in consumer.list_topics(timeout=10).topics.items()
        for part in topic.partitions
        if _made_by(name, service)
    ]
    consumer.close()
    return sum(ends)


def _made_by(topic: str, service: str) -> bool:
    return topic.startswith(f"{service}.") or (
        service == "intake" and topic.endswith("receipts.v1")
    )


def _read_by(chain: Chain) -> dict[str, list[Any]]:
    """The partitions that each worker of deadlines reads now."""
    states = {
        row["owner"]: msgspec.json.decode(row["state"])
        for row in rows(chain.system, "deadlines", WORKERS)
    }
    return {
        owner: state["listener"]["partitions"]
        for owner, state in states.items()
        if state["listener"] and state["listener"]["partitions"]
    }


def _shares(chain: Chain) -> int:
    read = _read_by(chain)
    return len(read) if sum(map(len, read.values())) == PARTITIONS else 0
