"""The one object a use case is handed: a database transaction that can publish and deduplicate."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Text, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from shared.clock import Clock, utc_now
from shared.database import Database, is_outage
from shared.errors import Unavailable
from shared.events.envelope import Event
from shared.events.topics import TOPIC_OF_EVENT, Topic
from shared.messaging.bell import OutboxBell
from shared.messaging.outbox import OUTBOX, Outgoing, outbox_row, outgoing
from shared.plumbing import Plumbing
from shared.writes import Insert, Row, Writes

# One parameter however many there are: the statement is compiled once.
_FIRST_TIMES = text(
    """INSERT INTO inbox (message_id) SELECT unnest(:ids)
       ON CONFLICT DO NOTHING RETURNING message_id"""
).bindparams(bindparam("ids", type_=ARRAY(Text)))


class Transaction:
    """Everything done through it happens together or not at all."""

    def __init__(
        self, database: Database, plumbing: Plumbing, source: str, clock: Clock, bell: OutboxBell
    ) -> None:
        self.plumbing = plumbing
        self._database = database
        self._source = source
        self._clock = clock
        self._bell = bell
        self._published = False
        self._session: AsyncSession | None = None
        self._outgoing: list[Outgoing] = []
        self._writes = Writes()

    @property
    def session(self) -> AsyncSession:
        """For whatever reads, locks or changes rows; what was given to `write` is not there yet."""
        if self._session is None:
            self._session = self._database.new_session()
        return self._session

    def write(self, insert: Insert, *rows: Row) -> None:
        """Add these rows at the end of the transaction, in one statement with all others."""
        self._writes.add(insert, *rows)

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
        self._published = True
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
        """Write now what waits for the end."""
        if waiting := self._waiting():
            # What was only added to the session may be what the rows point to.
            await self.session.flush()
            await self._write_now(*waiting.statement())

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """What fails within is undone by itself; what was done before it stays."""
        await self.flush()
        try:
            async with self.session.begin_nested():
                yield
                await self.flush()
        except Exception:
            self._outgoing.clear()
            self._writes.clear()
            raise

    async def commit(self) -> None:
        """Write what waits and make it all last; with no session before, by that one statement."""
        if self._session is not None:
            await self.flush()
            await self._session.commit()
        elif waiting := self._waiting():
            await self._write_now(*waiting.statement())
        self._committed()

    async def commit_once(self, claim: Insert, row: Row) -> bool:
        """Commit what waits if `row` is new; False where it was there before: nothing happened.

        For transactions that only write: what was done in a session would have to be undone.
        """
        if self._session is not None:
            raise RuntimeError("only what has done nothing but write can be done once")
        done = bool(await self._write_now(*self._waiting().statement_once(claim, row)))
        self._committed()
        return done

    async def rollback(self) -> None:
        """Undo and forget everything until now."""
        self._outgoing.clear()
        self._published = False
        self._writes.clear()
        if self._session is not None:
            await self._session.rollback()

    async def close(self) -> None:
        """Roll back what was not committed, and give the connection back."""
        if self._session is not None:
            await asyncio.shield(self._session.close())

    def _waiting(self) -> Writes:
        """What is to be written, with what was published."""
        self._writes.add(OUTBOX, *map(outbox_row, self._outgoing))
        self._outgoing.clear()
        return self._writes

    def _committed(self) -> None:
        if self._published:
            self._published = False
            self._bell.ring()

    async def _write_now(self, statement: str, values: list[Any]) -> Sequence[Any]:
        self._writes.clear()
        if self._session is None:
            return await self._database.run_alone(statement, values)
        connection = await self._session.connection()
        await connection.exec_driver_sql(statement, tuple(values))
        return ()


class Transactions:
    """Opens transactions on one service's database."""

    def __init__(
        self, database: Database, plumbing: Plumbing, source: str, clock: Clock = utc_now
    ) -> None:
        self.database = database
        self.plumbing = plumbing
        self._source = source
        self._clock = clock
        self._bell = OutboxBell(database)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        """Commits at the end, rolls back on an exception; `Unavailable` if the database is away."""
        tx = Transaction(self.database, self.plumbing, self._source, self._clock, self._bell)
        try:
            yield tx
            await tx.commit()
        except Exception as error:
            if is_outage(error):
                raise Unavailable("The database is not answering; try again shortly.") from error
            raise
        finally:
            await tx.close()
