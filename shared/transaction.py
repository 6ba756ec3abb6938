"""The one object a use case is handed: a database transaction that can publish and deduplicate."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from sqlalchemy import Text, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from shared.clock import Clock, utc_now
from shared.database import Database, is_outage
from shared.errors import Unavailable
from shared.events.envelope import Event
from shared.events.topics import TOPIC_OF_EVENT, Topic
from shared.messaging.outbox import Outgoing, outgoing, write_outbox
from shared.plumbing import Plumbing

# One parameter however many there are: the statement is compiled once.
_FIRST_TIMES = text(
    """INSERT INTO inbox (message_id) SELECT unnest(:ids)
       ON CONFLICT DO NOTHING RETURNING message_id"""
).bindparams(bindparam("ids", type_=ARRAY(Text)))


class Transaction:
    """Everything done through it happens together or not at all."""

    def __init__(
        self, session: AsyncSession, plumbing: Plumbing, source: str, clock: Clock
    ) -> None:
        self.session = session
        self.plumbing = plumbing
        self._source = source
        self._clock = clock
        self._outgoing: list[Outgoing] = []

    async def publish(
        self, event: Event, *, subject: str, key: str, sequence: int, topic: Topic | None = None
    ) -> str:
        """Send `event` if this transaction commits; the aggregate's row must be locked already.

        Events of one key leave in the order of `sequence`. Answers the event's id.
        """
        made = outgoing(
            topic or TOPIC_OF_EVENT[type(event)],
            event,
            source=self._source,
            subject=subject,
            key=key,
            sequence=sequence,
            now=self._clock(),
        )
        self._outgoing.append(made)
        return made.envelope.headers.id

    async def first_time(self, message_id: str) -> bool:
        """Whether this message takes effect now; False when it already has."""
        return message_id in await self.first_times([message_id])

    async def first_times(self, message_ids: Iterable[str]) -> set[str]:
        """Those of these messages that take effect now, in one statement.

        In sorted order, so that two consumers with overlapping batches wait instead of deadlocking.
        """
        asked = {"ids": sorted(set(message_ids))}
        return set(await self.session.scalars(_FIRST_TIMES, asked))

    async def flush(self) -> None:
        """Write what was published; called once, by whoever commits."""
        if self._outgoing:
            await self.session.flush()
            await write_outbox(self.session, self.plumbing.messaging.outbox, self._outgoing)
            self._outgoing.clear()


class Transactions:
    """Opens transactions on one service's database."""

    def __init__(
        self, database: Database, plumbing: Plumbing, source: str, clock: Clock = utc_now
    ) -> None:
        self.database = database
        self.plumbing = plumbing
        self._source = source
        self._clock = clock

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        """Commits at the end, rolls back on an exception; `Unavailable` if the database is away."""
        try:
            async with self.database.session() as session:
                tx = Transaction(session, self.plumbing, self._source, self._clock)
                yield tx
                await tx.flush()
        except Exception as error:
            if is_outage(error):
                raise Unavailable("The database is not answering; try again shortly.") from error
            raise
