"""Put the grants of the topic map on a cluster; repeating it changes nothing."""

from collections.abc import Sequence
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import for_code
from aiokafka.protocol.admin import CreateAclsRequest

from deploy.kafka.grants import Grant, grants
from shared.events.topics import all_topics

# The numbers of Kafka's protocol (AclOperation, ResourceType, ResourcePatternType).
OPERATION = {"read": 3, "write": 4}
RESOURCE = {"topic": 2, "group": 3}
LITERAL, PREFIXED = 3, 4
ALLOW = 3
ANY_HOST = "*"


async def make_grants(bootstrap: str, partners: Sequence[str], **security: Any) -> list[Grant]:
    """Allow each service and each partner what the map says, and name what was allowed."""
    client = AIOKafkaClient(bootstrap_servers=bootstrap, request_timeout_ms=15_000, **security)
    await client.bootstrap()
    try:
        wanted = grants(all_topics(tuple(partners)))
        for grant in wanted:
            await _put(client, grant)
        return wanted
    finally:
        await client.close()


async def _put(client: AIOKafkaClient, grant: Grant) -> None:
    request = CreateAclsRequest(
        RESOURCE[grant.what],
        grant.name,
        PREFIXED if grant.prefix else LITERAL,
        f"User:{grant.account}",
        ANY_HOST,
        OPERATION[grant.may],
        ALLOW,
    )
    node = client.get_random_node()
    answer: Any = await client.send(node, request)
    for code, why in answer.creation_responses:
        if code:
            raise for_code(code)(f"{grant}: {why}")
