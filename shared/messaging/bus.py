"""The way to Kafka: which cluster answers, a producer of its own, and a time-out on every call."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiokafka import AIOKafkaProducer
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from aiokafka.helpers import create_ssl_context
from aiokafka.protocol.metadata import MetadataRequest

from shared.messaging.giving_up import abandon_producer, quietly
from shared.messaging.producer import one_try_producer
from shared.settings import ServiceSettings

CONNECT_SECONDS = 5
ANSWER_SECONDS = 5

T = TypeVar("T")


class BusAway(Exception):
    """The broker did not answer in time, or said that it cannot now."""


@dataclass
class Bus:
    """One process's connection to the cluster at `bootstrap`."""

    bootstrap: str
    security: dict[str, Any] = field(default_factory=dict)
    _client: AIOKafkaClient | None = None
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    @classmethod
    def of(cls, settings: ServiceSettings) -> "Bus":
        """The bus that a service's settings name."""
        return cls(settings.kafka_bootstrap, client_security(settings))

    async def cluster_id(self) -> str:
        """Which cluster answers now; a bus lost and made anew has another id."""
        async with self._asking:
            try:
                client = await self._connected()
                # Of no topic: asked before every batch, so the answer must not grow with the bus.
                question = client.send(client.get_random_node(), MetadataRequest([]))
                answer: Any = await within(ANSWER_SECONDS, question)
            except BaseException:
                await self.close()
                raise
        return str(answer.cluster_id)

    async def producer(self, may_send: Callable[[], bool]) -> AIOKafkaProducer:
        """A started producer that keeps order, tries once, and asks before anything leaves."""
        producer = one_try_producer(self.bootstrap, self.security, may_send)
        try:
            await within(CONNECT_SECONDS, producer.start())
        except BaseException:
            await abandon_producer(producer)
            raise
        return producer

    async def close(self) -> None:
        """Let go of the connection that asks for the cluster's id."""
        client, self._client = self._client, None
        if client is not None:
            await quietly(client.close())

    async def _connected(self) -> AIOKafkaClient:
        if self._client is None:
            client = AIOKafkaClient(
                bootstrap_servers=self.bootstrap,
                request_timeout_ms=ANSWER_SECONDS * 1000,
                **self.security,
            )
            try:
                await within(CONNECT_SECONDS, client.bootstrap())
            except BaseException:
                await quietly(client.close())
                raise
            self._client = client
        return self._client


def client_security(settings: ServiceSettings) -> dict[str, Any]:
    """The security arguments that every aiokafka client takes."""
    options: dict[str, Any] = {"security_protocol": settings.kafka_security_protocol}
    if settings.kafka_sasl_mechanism and settings.kafka_sasl_password:
        options |= {
            "sasl_mechanism": settings.kafka_sasl_mechanism,
            "sasl_plain_username": settings.kafka_sasl_username,
            "sasl_plain_password": settings.kafka_sasl_password.get_secret_value(),
        }
    if "SSL" in settings.kafka_security_protocol.split("_"):
        options["ssl_context"] = tls(settings)
    return options


def tls(settings: ServiceSettings) -> ssl.SSLContext:
    """Trust the named authority, or the machine's own."""
    return create_ssl_context(cafile=settings.kafka_ca_file)


async def within(seconds: float, work: Awaitable[T]) -> T:
    """Wait so long and no longer; whatever Kafka's client raises becomes `BusAway`."""
    try:
        async with asyncio.timeout(seconds):
            return await work
    except (KafkaError, TimeoutError, OSError) as error:
        raise BusAway(f"{type(error).__name__} within {seconds:g} s") from error
    except asyncio.CancelledError as error:
        # Some of aiokafka's calls raise it of their own accord when a connection is closing.
        current = asyncio.current_task()
        if current is None or current.cancelling():
            raise
        raise BusAway("cancelled inside the client") from error
