"""Several consumers of one ledger's events, each with a database and a group of its own."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import uuid4

from sqlalchemy import func, select

from shared.events.topics import TOPIC_OF_EVENT
from tests.chaos.ledger_service import own_database
from tests.messaging.ledger import EFFECTS, Ledger, Noted
from tests.servers import PostgresServer


@asynccontextmanager
async def readers(
    ledger: Ledger, postgres: PostgresServer, count: int
) -> AsyncIterator[Sequence[Ledger]]:
    """So many services that hear what `ledger` notes; not yet listening."""
    async with AsyncExitStack() as stack:
        made: list[Ledger] = []
        for _ in range(count):
            url = await stack.enter_async_context(own_database(postgres))
            one = Ledger(url, ledger.bootstrap, f"reader-{uuid4().hex[:12]}")
            stack.push_async_callback(one.database.dispose)
            made.append(one)
        # Whoever is made last names the topic of these events for all.
        TOPIC_OF_EVENT[Noted] = ledger.topic
        yield made


@asynccontextmanager
async def listening(services: Sequence[Ledger]) -> AsyncIterator[None]:
    """Each of them reads during the block."""
    async with AsyncExitStack() as stack:
        for one in services:
            listener = one.listener()
            await listener.start()
            stack.push_async_callback(listener.stop)
        yield


async def has_all(reader: Ledger, acknowledged: Mapping[str, int]) -> bool:
    """Whether the last number of every key has taken effect."""
    # Asked of the database: who reads them all again and again keeps the listener from its work.
    last_of = select(EFFECTS.c.key, func.max(EFFECTS.c.number).label("last")).group_by(
        EFFECTS.c.key
    )
    async with reader.database.session() as session:
        found = {row.key: row.last for row in await session.execute(last_of)}
    return all(found.get(key, 0) >= last for key, last in acknowledged.items())


def not_once(
    effects: Mapping[str, Sequence[int]], acknowledged: Mapping[str, int]
) -> dict[str, list[int]]:
    """The keys whose numbers did not take effect once each and in order, with what did.

    What nobody was told of may have been committed all the same, and comes last then.
    """
    wrong: dict[str, list[int]] = {}
    for key, last in acknowledged.items():
        numbers = list(effects.get(key, ()))
        if len(numbers) < last or numbers != list(range(1, len(numbers) + 1)):
            wrong[key] = numbers
    return wrong
