"""Make every topic of the map: `python -m deploy.kafka.make_topics --bootstrap HOST:PORT`.

Safe to repeat: a topic that exists gets the settings of the map and keeps its messages. Its number
of partitions is never changed, because that would move keys and break their order.
"""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, for_code

from deploy.kafka.cluster import Cluster
from deploy.kafka.make_grants import make_grants
from deploy.kafka.topic_settings import topic_settings
from shared.events.topics import Topic, all_topics


class TopicsDiffer(Exception):
    """A topic exists in a shape that cannot be turned into the declared one without a person."""


async def make_topics(
    bootstrap: str,
    partners: Sequence[str],
    replication: int = 1,
    min_insync: int = 1,
    **security: Any,
) -> list[str]:
    """Make what is missing, set what exists, and name the topics that were made.

    `security` is what aiokafka's clients take: `security_protocol`, `sasl_mechanism` and so on.
    """
    topics = all_topics(tuple(partners))
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=15_000, **security)
    await admin.start()
    try:
        made = await _create(admin, topics, replication, min_insync)
        existing = [topic for topic in topics if topic.name not in made]
        await _refuse_other_partitions(admin, existing)
        await _set(admin, existing, min_insync)
        return made
    finally:
        await admin.close()


async def _create(
    admin: AIOKafkaAdminClient, topics: Sequence[Topic], replication: int, min_insync: int
) -> list[str]:
    wanted = [
        NewTopic(
            topic.name,
            topic.partitions,
            replication,
            topic_configs=topic_settings(topic, min_insync),
        )
        for topic in topics
    ]
    answer: Any = await admin.create_topics(wanted)
    outcomes = {name: (code, why) for name, code, why in answer.topic_errors}
    for name, (code, why) in outcomes.items():
        if code not in {0, TopicAlreadyExistsError.errno}:
            raise for_code(code)(f"{name}: {why}")
    return [topic.name for topic in topics if outcomes[topic.name][0] == 0]


async def _refuse_other_partitions(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> None:
    if not topics:
        return
    described = await admin.describe_topics([topic.name for topic in topics])
    found = {topic["topic"]: len(topic["partitions"]) for topic in described}
    for topic in topics:
        if found[topic.name] != topic.partitions:
            raise TopicsDiffer(
                f"{topic.name} has {found[topic.name]} partitions where the map says "
                f"{topic.partitions}; changing it would break the order of keys"
            )


async def _set(admin: AIOKafkaAdminClient, topics: Sequence[Topic], min_insync: int) -> None:
    if not topics:
        return
    resources = [
        ConfigResource(ConfigResourceType.TOPIC, topic.name, topic_settings(topic, min_insync))
        for topic in topics
    ]
    answers: list[Any] = await admin.alter_configs(resources)
    for answer in answers:
        for code, why, _, name in answer.resources:
            if code:
                raise for_code(code)(f"{name}: {why}")


def command(
    bootstrap: Annotated[str | None, typer.Option(help="brokers, host:port[,host:port]")] = None,
    partner: Annotated[list[str] | None, typer.Option(help="a partner's id; repeatable")] = None,
    replication: Annotated[int, typer.Option(help="copies of each partition")] = 3,
    min_insync: Annotated[int, typer.Option(help="copies written before a send counts")] = 2,
    grant: Annotated[bool, typer.Option(help="also allow everyone what the map says")] = False,
) -> None:
    """Make the topics of the map on a cluster.

    `SCRUTINY_KAFKA_…` says how to sign in, and `SCRUTINY_PARTNERS` who the partners are.
    """
    cluster = Cluster()
    where, partners, security = (
        bootstrap or cluster.kafka_bootstrap,
        partner or [],
        cluster.security(),
    )
    made = asyncio.run(make_topics(where, partners, replication, min_insync, **security))
    print(f"made {len(made)} topics: {', '.join(made) or 'all of them existed'}")
    if grant:
        granted = asyncio.run(make_grants(where, partners, **security))
        print(
            f"granted {len(granted)} rights to {len({each.account for each in granted})} accounts"
        )


if __name__ == "__main__":
    typer.run(command)
