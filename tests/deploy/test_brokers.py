"""The three brokers of the compose file keep what the map promises, and what they are told."""

import asyncio
import re

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupAuthorizationFailedError, KafkaError, TopicAuthorizationFailedError

from deploy.kafka.make_topics import TopicsDiffer, make_topics
from shared.events import topics as map_
from shared.events.topics import DEADLINES, INTAKE, all_topics
from tests.deploy.brokers import Brokers, kill, receive, send, serves

pytestmark = pytest.mark.slow


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


async def test_a_partner_notifies_through_its_own_listener_and_intake_reads_it(
    brokers: Brokers,
) -> None:
    inbound = map_.partner_inbound("fife").name
    await send(brokers, "fife", inbound, bootstrap=brokers.partner_bootstrap)
    assert await receive(brokers, "intake", inbound, group="intake") == b"{}"


async def test_nobody_reads_in_the_group_of_another(brokers: Brokers) -> None:
    with pytest.raises(GroupAuthorizationFailedError):
        await receive(brokers, "deadlines", INTAKE.name, group="intake")


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
