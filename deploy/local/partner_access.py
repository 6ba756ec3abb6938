"""What partners may do on the bus: write their own notifications, read their own receipts."""

from collections.abc import Iterable

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import for_code
from aiokafka.protocol.admin import CreateAclsRequest

from shared.events.topics import partner_inbound, partner_receipts

_TOPIC, _GROUP = 2, 3
_LITERAL, _PREFIXED = 3, 4
_READ, _WRITE = 3, 4
_ALLOW = 3


async def allow_partners(bootstrap: str, partners: Iterable[str]) -> None:
    """Grants each partner its two topics and the consumer groups named after it; repeatable."""
    client = AIOKafkaClient(bootstrap_servers=bootstrap, request_timeout_ms=15_000)
    await client.bootstrap()
    try:
        for partner in partners:
            for request in _grants(partner):
                await _send(client, request)
    finally:
        await client.close()


def _grants(partner: str) -> tuple[CreateAclsRequest, ...]:
    inbound, receipts = partner_inbound(partner).name, partner_receipts(partner).name
    who, anywhere = f"User:{partner}", "*"
    return (
        CreateAclsRequest(_TOPIC, inbound, _LITERAL, who, anywhere, _WRITE, _ALLOW),
        CreateAclsRequest(_TOPIC, receipts, _LITERAL, who, anywhere, _READ, _ALLOW),
        CreateAclsRequest(_GROUP, f"partner.{partner}.", _PREFIXED, who, anywhere, _READ, _ALLOW),
    )


async def _send(client: AIOKafkaClient, request: CreateAclsRequest) -> None:
    answer = await client.send(client.get_random_node(), request)
    for code, why in answer.creation_responses:
        if code:
            raise for_code(code)(why)
