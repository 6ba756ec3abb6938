"""The embedded Kafka: a real broker that lets partners do only what they may."""

from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    KafkaConnectionError,
    MessageSizeTooLargeError,
    TopicAuthorizationFailedError,
)

from deploy.kafka.make_topics import make_topics
from deploy.local.failures import DamagedFolder
from deploy.local.kafka import EmbeddedKafka
from deploy.local.kafka_jars import locked_jars
from deploy.local.ports import free_ports
from shared.events.topics import INTAKE, partner_inbound, partner_receipts
from tests.servers import PARTNER, PARTNER_PASSWORD, kafka_server


def partner_producer(
    broker: EmbeddedKafka, password: str = PARTNER_PASSWORD, **options: Any
) -> AIOKafkaProducer:
    return AIOKafkaProducer(
        **options,
        bootstrap_servers=broker.partner_bootstrap,
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="SCRAM-SHA-512",
        sasl_plain_username=PARTNER,
        sasl_plain_password=password,
    )


async def test_a_partner_writes_its_own_notifications_and_nothing_else(
    broker: EmbeddedKafka,
) -> None:
    producer = partner_producer(broker)
    await producer.start()
    await producer.send_and_wait(partner_inbound(PARTNER).name, b"{}")
    for other in (INTAKE.name, partner_receipts(PARTNER).name, partner_inbound("moray").name):
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait(other, b"{}")
    await producer.stop()


@pytest.mark.parametrize("packed", [None, "gzip", "zstd"])
async def test_a_partners_message_is_as_large_as_it_is_unpacked(
    broker: EmbeddedKafka, packed: str | None
) -> None:
    room = 8 * 1024 * 1024
    producer = partner_producer(broker, compression_type=packed, max_request_size=room)
    topic = partner_inbound(PARTNER).name
    async with producer:
        await producer.send_and_wait(topic, b"x" * 1_000_000)
        with pytest.raises(MessageSizeTooLargeError):
            await producer.send_and_wait(topic, b"x" * 5_000_000)


async def test_a_partner_reads_its_own_receipts(broker: EmbeddedKafka) -> None:
    topic = partner_receipts(PARTNER).name
    ours = AIOKafkaProducer(bootstrap_servers=broker.bootstrap)
    await ours.start()
    await ours.send_and_wait(topic, b"receipt")
    await ours.stop()
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=broker.partner_bootstrap,
        group_id="partner.fife.test",
        auto_offset_reset="earliest",
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="SCRAM-SHA-512",
        sasl_plain_username=PARTNER,
        sasl_plain_password=PARTNER_PASSWORD,
    )
    await consumer.start()
    assert (await consumer.getone()).value == b"receipt"
    await consumer.stop()


async def test_a_wrong_password_is_refused(broker: EmbeddedKafka) -> None:
    producer = partner_producer(broker, password="wrong")
    with pytest.raises(KafkaConnectionError):
        await producer.start()
    await producer.stop()


async def test_acknowledged_messages_survive_a_killed_broker(tmp_path: Path) -> None:
    server = kafka_server(tmp_path / "kafka")
    server.start()
    await make_topics(server.bootstrap, [PARTNER])
    producer = AIOKafkaProducer(bootstrap_servers=server.bootstrap, acks="all")
    await producer.start()
    await producer.send_and_wait(INTAKE.name, b"kept", partition=0)
    await producer.stop()
    assert server.process is not None
    server.process.kill()
    server.process.wait()
    server.start()
    consumer = AIOKafkaConsumer(bootstrap_servers=server.bootstrap)
    await consumer.start()
    consumer.assign([TopicPartition(INTAKE.name, 0)])
    await consumer.seek_to_beginning()
    assert (await consumer.getone()).value == b"kept"
    await consumer.stop()
    server.stop()


def test_unreadable_meta_properties_are_called_damage(tmp_path: Path) -> None:
    ports = free_ports(3)
    server = EmbeddedKafka(tmp_path / "kafka", ports[0], ports[1], partner_port=ports[2])
    server.prepare()
    (server.data / "meta.properties").write_text("\0\0\0")
    with pytest.raises(DamagedFolder, match=r"meta\.properties"):
        server.start()


def test_every_jar_is_locked_to_a_content() -> None:
    jars = locked_jars()
    assert {"kafka_2.13", "log4j-slf4j-impl"} <= {jar.artifact for jar in jars}
    assert all(len(jar.sha256) == 64 for jar in jars)
