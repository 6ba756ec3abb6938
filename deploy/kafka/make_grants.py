"""Put the grants of the topic map on a cluster; repeating it changes nothing."""

import asyncio
from collections.abc import Sequence
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import for_code
from aiokafka.protocol.admin import CreateAclsRequest, DescribeAclsRequest

from deploy.kafka.grants import Grant, grants
from shared.events.topics import all_topics

SETTLE_SECONDS = 15
LOOK_AGAIN_SECONDS = 0.05

# The numbers of Kafka's protocol (AclOperation, ResourceType, ResourcePatternType).
OPERATION = {"read": 3, "write": 4}
RESOURCE = {"topic": 2, "group": 3}
LITERAL, PREFIXED = 3, 4
ALLOW = 3
ANY_HOST = "*"


async def make_grants(bootstrap: str, partners: Sequence[str], **security: Any) -> list[Grant]:
    """Allow each service and each partner what the map says, and name what was allowed."""
    wanted = grants(all_topics(tuple(partners)))
    await put_grants(bootstrap, wanted, **security)
    return wanted


async def put_grants(bootstrap: str, wanted: Sequence[Grant], **security: Any) -> None:
    """Allow this, beside what is allowed already; when it returns, every broker has heard of it."""
    client = AIOKafkaClient(bootstrap_servers=bootstrap, request_timeout_ms=15_000, **security)
    await client.bootstrap()
    try:
        for grant in wanted:
            await _put(client, grant)
        async with asyncio.timeout(SETTLE_SECONDS):
            for broker in client.cluster.brokers():
                await _known_to(client, broker.nodeId, wanted)
    finally:
        await client.close()


async def _put(client: AIOKafkaClient, grant: Grant) -> None:
    node = client.get_random_node()
    answer: Any = await client.send(node, CreateAclsRequest(*_in_protocol(grant)))
    for code, why in answer.creation_responses:
        if code:
            raise for_code(code)(f"{grant}: {why}")


async def _known_to(client: AIOKafkaClient, broker: int, wanted: Sequence[Grant]) -> None:
    """A broker learns of a grant a moment after the controller has it, and refuses until then."""
    for grant in wanted:
        while not await _knows(client, broker, grant):
            await asyncio.sleep(LOOK_AGAIN_SECONDS)


async def _knows(client: AIOKafkaClient, broker: int, grant: Grant) -> bool:
    answer: Any = await client.send(broker, DescribeAclsRequest(*_in_protocol(grant)))
    if answer.error_code:
        raise for_code(answer.error_code)(f"{grant}: {answer.error_message}")
    return bool(answer.resources)


def _in_protocol(grant: Grant) -> tuple[int, str, int, str, str, int, int]:
    """A grant as the arguments that making it and looking for it have in common."""
    pattern = PREFIXED if grant.prefix else LITERAL
    who = f"User:{grant.account}"
    what = RESOURCE[grant.what]
    return what, grant.name, pattern, who, ANY_HOST, OPERATION[grant.may], ALLOW
