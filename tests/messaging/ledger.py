"""A very small service with nothing but plumbing: it notes numbers per key and hears of them."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import uuid4

import msgspec
from alembic.migration import MigrationContext
from alembic.operations import Operations
from pydantic import SecretStr
from sqlalchemy import BigInteger, Column, Connection, Identity, MetaData, Table, Text, select

from shared.confidential.fields import FieldCipher
from shared.database import Database
from shared.events.envelope import Event, Headers, new_event_id, to_kafka_headers
from shared.events.topics import TOPIC_OF_EVENT, Topic
from shared.messaging.backoff import Backoff
from shared.messaging.bus import Bus
from shared.messaging.delivery import Delivery, RawRecord, read_raw
from shared.messaging.inbox import Consumer
from shared.messaging.listener import Listener
from shared.messaging.parking import Parking
from shared.messaging.relay import Relay
from shared.plumbing import Plumbing, create_plumbing
from shared.settings import ServiceSettings
from shared.transaction import Transaction, Transactions
from tests.access_kit import FIELD_KEYS, service_settings

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)

METADATA = MetaData()
PLUMBING = Plumbing(METADATA)
ACCOUNTS = Table(
    "accounts", METADATA, Column("key", Text, primary_key=True), Column("version", BigInteger)
)
EFFECTS = Table(
    "effects",
    METADATA,
    Column("position", BigInteger, Identity(always=True), primary_key=True),
    Column("key", Text),
    Column("number", BigInteger),
    Column("note", Text),
    Column("instance", Text),
)


class Noted(Event, frozen=True):
    """A number was noted under a key."""

    TYPE = "scot.scrutiny.number.noted.v1"
    number: int
    note: str = ""


class LedgerSettings(ServiceSettings):
    """Nothing of its own."""


def create_tables(connection: Connection) -> None:
    """As a first migration would."""
    op = Operations(MigrationContext.configure(connection))
    create_plumbing(op)
    ACCOUNTS.create(connection)
    EFFECTS.create(connection)


@dataclass
class Ledger:
    """The service on one database and, if it has one, one bus; closed by its fixture."""

    url: str
    bootstrap: str = "127.0.0.1:1"
    name: str = field(default_factory=lambda: f"ledger-{uuid4().hex[:12]}")
    pool_size: int = 10

    def __post_init__(self) -> None:
        self.database = Database(self.url, pool_size=self.pool_size)
        self.transactions = Transactions(self.database, PLUMBING, self.name)
        self.cipher = FieldCipher(FIELD_KEYS)
        self.parking = Parking(self.cipher)
        self.topic = Topic(self.name + ".v1", self.name, (self.name,), (Noted,), partitions=3)
        TOPIC_OF_EVENT[Noted] = self.topic

    @property
    def settings(self) -> LedgerSettings:
        return service_settings(
            LedgerSettings,
            service=self.name,
            database_url=SecretStr(self.url),
            kafka_bootstrap=self.bootstrap,
        )

    async def note(self, tx: Transaction, key: str, note: str = "") -> int:
        """Lock the key, count it up, publish the count."""
        account = select(ACCOUNTS.c.version).where(ACCOUNTS.c.key == key).with_for_update()
        version = await tx.session.scalar(account)
        if version is None:
            await tx.session.execute(ACCOUNTS.insert().values(key=key, version=1))
        else:
            counted = ACCOUNTS.update().where(ACCOUNTS.c.key == key).values(version=version + 1)
            await tx.session.execute(counted)
        number = (version or 0) + 1
        event = Noted(number=number, note=note)
        await tx.publish(event, subject=key, key=key, sequence=number)
        return number

    async def note_many(self, keys: Sequence[str], times: int) -> None:
        """Each key so many times, a transaction each."""
        for _ in range(times):
            for key in keys:
                async with self.transactions.begin() as tx:
                    await self.note(tx, key)

    def consumer(
        self,
        act: Callable[[Transaction, Noted, Headers], Awaitable[None]] | None = None,
        instance: str = "one",
    ) -> Consumer:
        """Subscribed to its own events: writes each down, after doing `act`."""
        consumer = Consumer(
            self.name,
            self.transactions,
            self.parking,
            backoff=partial(Backoff, first=0.005, most=0.05),
        )

        @consumer.on(Noted)
        async def on_noted(tx: Transaction, event: Noted, headers: Headers) -> None:
            if act is not None:
                await act(tx, event, headers)
            row = {"key": headers.key, "number": event.number, "note": event.note}
            await tx.session.execute(EFFECTS.insert().values(row | {"instance": instance}))

        return consumer

    def listener(self, consumer: Consumer | None = None) -> Listener:
        return Listener(self.settings, consumer or self.consumer())

    def relay(self, lease_seconds: float = 10.0) -> Relay:
        return Relay(self.name, self.database, Bus.of(self.settings), lease_seconds)

    async def effects(self) -> dict[str, list[int]]:
        """The numbers that took effect, per key, in the order they did."""
        async with self.database.session() as session:
            rows = (await session.execute(select(EFFECTS).order_by(EFFECTS.c.position))).all()
        found: dict[str, list[int]] = {}
        for row in rows:
            found.setdefault(row.key, []).append(row.number)
        return found

    async def effect_rows(self) -> Sequence[Any]:
        async with self.database.session() as session:
            return (await session.execute(select(EFFECTS).order_by(EFFECTS.c.position))).all()

    async def outbox(self) -> Sequence[Any]:
        table = PLUMBING.messaging.outbox
        async with self.database.session() as session:
            return (await session.execute(select(table).order_by(table.c.position))).all()

    async def unsent(self) -> int:
        return sum(row.sent_at is None for row in await self.outbox())

    async def parked(self) -> Sequence[Any]:
        table = PLUMBING.messaging.parked
        async with self.database.session() as session:
            return (await session.execute(select(table).order_by(table.c.position))).all()

    def delivery(
        self,
        number: int,
        *,
        key: str = "a",
        offset: int | None = None,
        event_id: str | None = None,
        body: bytes | None = None,
        headers: Mapping[str, bytes | None] | None = None,
    ) -> Delivery:
        """A record as Kafka would deliver it; `headers` replaces some or takes them away."""
        told = Headers(
            id=event_id or new_event_id(),
            type=Noted.TYPE,
            source=self.name,
            subject=key,
            key=key,
            sequence=number,
            time=NOW,
        )
        given = dict(to_kafka_headers(told)) | dict(headers or {})
        value = msgspec.json.encode(Noted(number=number)) if body is None else body
        place = number if offset is None else offset
        pairs = [(name, value) for name, value in given.items() if value is not None]
        return read_raw(RawRecord(self.topic.name, 0, place, 0, key.encode(), pairs, value))


async def until(
    holds: Callable[[], Awaitable[bool]], within: float = 20, every: float = 0.05
) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + within
    while not await holds():
        assert time.monotonic() < end, f"did not come true within {within} s"
        await asyncio.sleep(every)
