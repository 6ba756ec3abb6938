"""The way to Kafka: which cluster answers, a producer that keeps order, and hard time-outs."""

import asyncio
import ssl
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from aiokafka.helpers import create_ssl_context

from shared.settings import ServiceSettings

CONNECT_SECONDS = 5
ANSWER_SECONDS = 5
CLOSE_SECONDS = 2

T = TypeVar("T")


class BusAway(Exception):
    """The broker did not answer in time, or said that it cannot now."""


@dataclass
class Bus:
    """One process's connection to the cluster at `bootstrap`."""

    bootstrap: str
    security: dict[str, Any] = field(default_factory=dict)
    _admin: AIOKafkaAdminClient | None = None

    @classmethod
    def of(cls, settings: ServiceSettings) -> "Bus":
        """The bus that a service's settings name."""
        return cls(settings.kafka_bootstrap, client_security(settings))

    async def cluster_id(self) -> str:
        """Which cluster answers now; a bus lost and made anew has another id."""
        try:
            admin = await self._connected_admin()
            answer = await within(ANSWER_SECONDS, admin.describe_cluster())
        except BusAway:
            await self.close()
            raise
        return str(answer["cluster_id"])

    async def producer(self) -> AIOKafkaProducer:
        """A started producer that keeps order and writes each record once per send."""
        producer = AIOKafkaProducer(
            bootstrap_servers=self.bootstrap,
            enable_idempotence=True,
            acks="all",
            linger_ms=1,
            max_batch_size=256 * 1024,
            max_request_size=8 * 1024 * 1024,
            **self.security,
        )
        try:
            await within(CONNECT_SECONDS, producer.start())
        except BusAway:
            await abandon(producer)
            raise
        return producer

    async def close(self) -> None:
        """Let go of the connection that asks for the cluster's id."""
        admin, self._admin = self._admin, None
        if admin is not None:
            await quietly(admin.close())

    async def _connected_admin(self) -> AIOKafkaAdminClient:
        if self._admin is None:
            admin = AIOKafkaAdminClient(
                bootstrap_servers=self.bootstrap,
                request_timeout_ms=ANSWER_SECONDS * 1000,
                **self.security,
            )
            try:
                await within(CONNECT_SECONDS, admin.start())
            except BusAway:
                await quietly(admin.close())
                raise
            self._admin = admin
        return self._admin


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


async def quietly(work: Awaitable[object]) -> None:
    """Close something that may hang or fail because the broker is gone; nothing depends on it."""
    # aiokafka's stop() waits for what can no longer be delivered, and may raise CancelledError.
    task = asyncio.ensure_future(work)
    await asyncio.wait({task}, timeout=CLOSE_SECONDS)
    if not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=CLOSE_SECONDS)
    if task.done() and not task.cancelled():
        task.exception()


async def abandon(producer: AIOKafkaProducer) -> None:
    """Give a producer up with whatever it still holds; the outbox has it too."""
    await quietly(producer.stop())
