"""The smallest service on servers of its own, and a load whose acknowledgements are counted."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from uuid import uuid4

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import create_async_engine

from shared.database import async_url
from shared.errors import Unavailable
from tests.messaging.bus_reading import make_topic
from tests.messaging.ledger import ACCOUNTS, EFFECTS, Ledger, Noted, create_tables
from tests.servers import PostgresServer

WRITERS = 4


@asynccontextmanager
async def ledger_service(
    postgres: PostgresServer, bootstrap: str, partitions: int = 3
) -> AsyncIterator[Ledger]:
    """A ledger with a database and a topic of its own."""
    async with own_database(postgres) as url:
        ledger = Ledger(url, bootstrap)
        try:
            await make_topic(bootstrap, ledger.topic.name, partitions)
            yield ledger
        finally:
            await ledger.database.dispose()


@asynccontextmanager
async def own_database(postgres: PostgresServer) -> AsyncIterator[str]:
    """The URL of a new database with a ledger's tables."""
    name = f"chaos_{uuid4().hex[:12]}"
    url = postgres.create_database(name)
    engine = create_async_engine(async_url(url))
    async with engine.begin() as connection:
        await connection.run_sync(create_tables)
    await engine.dispose()
    yield url
    postgres.drop_database(name)


async def note_together(ledger: Ledger, keys: Sequence[str]) -> dict[str, int]:
    """Counts several keys up in one transaction, and publishes each count."""
    rows = insert(ACCOUNTS).values([{"key": key, "version": 1} for key in keys])
    counted = rows.on_conflict_do_update(
        index_elements=[ACCOUNTS.c.key], set_={"version": ACCOUNTS.c.version + 1}
    ).returning(ACCOUNTS.c.key, ACCOUNTS.c.version)
    async with ledger.transactions.begin() as tx:
        numbers = {row.key: row.version for row in await tx.session.execute(counted)}
        for key, number in numbers.items():
            event = Noted(number=number, note="")
            await tx.publish(event, subject=key, key=key, sequence=number)
    return numbers


@dataclass
class Load:
    """Notes numbers until it is told that it is enough; counts what was committed."""

    ledger: Ledger
    keys: Sequence[str]
    pause: float = 0.0
    at_once: int = 20
    acknowledged: Counter[str] = field(default_factory=Counter)
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Several writers, each with keys of its own, so that each counts its own alone."""
        mine = [self.keys[number::WRITERS] for number in range(WRITERS)]
        await asyncio.gather(*(self._write(keys, random.Random(keys[0])) for keys in mine))

    async def _write(self, keys: Sequence[str], chance: random.Random) -> None:
        while not self.enough.is_set():
            # In one order, so that nobody waits for another in a circle.
            some = sorted(chance.sample(keys, min(self.at_once, len(keys))))
            with suppress(Unavailable):
                numbers = await note_together(self.ledger, some)
                self.acknowledged |= Counter(numbers)
            await asyncio.sleep(self.pause)


@asynccontextmanager
async def under_load(load: Load) -> AsyncIterator[None]:
    """The load runs during the block."""
    running = asyncio.create_task(load.run())
    try:
        yield
    finally:
        load.enough.set()
        await running


@asynccontextmanager
async def relaying(ledger: Ledger, count: int = 2) -> AsyncIterator[None]:
    """Relays that share the outbox during the block."""
    async with AsyncExitStack() as stack:
        for _ in range(count):
            relay = ledger.relay()
            await relay.start()
            stack.push_async_callback(relay.stop)
        yield


async def settled(ledger: Ledger) -> bool:
    """Whether nothing waits to be sent, asked without reading it all."""
    table = ledger.transactions.plumbing.messaging.outbox
    waiting = table.select().where(table.c.sent_at.is_(None)).limit(1)
    async with ledger.database.session() as session:
        return (await session.execute(waiting)).first() is None


async def effects_of(ledger: Ledger) -> dict[str, list[int]]:
    """What took effect per key, in the order it did."""
    columns = EFFECTS.c.key, EFFECTS.c.number
    found: dict[str, list[int]] = {}
    async with ledger.database.session() as session:
        statement = EFFECTS.select().with_only_columns(*columns).order_by(EFFECTS.c.position)
        for key, number in await session.execute(statement):
            found.setdefault(key, []).append(number)
    return found
