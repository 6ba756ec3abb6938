"""From the bus to the effect: each event once, in order per key, and nothing dropped."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import msgspec
import structlog
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from shared.clock import Clock, utc_now
from shared.database import is_collision
from shared.errors import Refused, Unavailable
from shared.events.envelope import Event, Headers
from shared.events.topics import TOPIC_OF_EVENT, Topic
from shared.messaging import spans
from shared.messaging.backoff import Backoff
from shared.messaging.delivery import Delivery, delivery_id
from shared.messaging.parking import BEHIND, Parking, Why
from shared.transaction import Transaction, Transactions

ATTEMPTS = 4

E = TypeVar("E", bound=Event)
EventHandler = Callable[[Transaction, Any, Headers], Awaitable[None]]
RawHandler = Callable[[Transaction, Delivery], Awaitable[None]]

log = structlog.get_logger()


class Undecodable(Exception):
    """A known event whose body is not what its type promises."""


class Consumer:
    """One service's subscribers: which function takes which event, and what happens when it fails.

    A handler is called inside an open transaction in which the event's inbox row is written; it
    must do nothing that the transaction does not undo.
    """

    def __init__(
        self,
        service: str,
        transactions: Transactions,
        parking: Parking,
        clock: Clock = utc_now,
        backoff: Callable[[], Backoff] = Backoff,
    ) -> None:
        self.service = service
        self._transactions = transactions
        self._parking = parking
        self._clock = clock
        self._backoff = backoff
        self._events: dict[str, tuple[type[Event], EventHandler]] = {}
        self._raw: dict[str, RawHandler] = {}
        self.topics: list[str] = []

    def on(self, event: type[E]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register `handler(tx, event, headers)` for one event; its topic follows from the map."""

        def register(handler: EventHandler) -> EventHandler:
            self._events[event.TYPE] = (event, handler)
            self._listen(TOPIC_OF_EVENT[event].name)
            return handler

        return register

    def on_raw(self, topic: Topic) -> Callable[[RawHandler], RawHandler]:
        """Register `handler(tx, delivery)` for every record of a topic, whatever it holds.

        Each record is delivered once by its place in the log: the handler decides what a repeat is.
        """

        def register(handler: RawHandler) -> RawHandler:
            self._raw[topic.name] = handler
            self._listen(topic.name)
            return handler

        return register

    async def take(self, deliveries: Sequence[Delivery]) -> None:
        """Return only when every one has taken effect, was known already, or is parked.

        While the database is away this waits; the caller commits offsets afterwards.
        """
        backoff = self._backoff()
        while True:
            try:
                await self._take_all(deliveries)
            except Unavailable as error:
                log.warning("consumer.waiting", error=error.detail)
                await backoff.sleep()
            else:
                return

    async def redrive(self, lane: str, by: str) -> int:
        """Try everything in a lane again, in order, stopping at the first that fails again.

        Answers how many took effect.
        """
        done = 0
        while await self._redrive_first(lane, by):
            done += 1
        return done

    async def _take_all(self, deliveries: Sequence[Delivery]) -> None:
        try:
            await self._apply(deliveries)
        except Unavailable:
            raise
        # One failure undoes the batch, and says nothing of the others: each alone, with patience.
        except Exception:  # noqa: BLE001
            for delivery in deliveries:
                await self._take_one(delivery)

    async def _take_one(self, delivery: Delivery) -> None:
        backoff, attempt = self._backoff(), 0
        while True:
            try:
                return await self._apply([delivery])
            except Unavailable:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, it is parked with its reason
                attempt += not is_collision(error)
                why = why_parked(error, attempt)
                if attempt >= ATTEMPTS or is_final(error):
                    return await self._park(delivery, why)
                await backoff.sleep()

    async def _apply(self, deliveries: Sequence[Delivery]) -> None:
        async with self._transactions.begin() as tx:
            fresh = await self._claim(tx, [self._message_id(one) for one in deliveries])
            if not fresh:
                return
            occupied = await self._parking.occupied(tx, [one.lane for one in deliveries])
            for delivery in deliveries:
                message_id = self._message_id(delivery)
                if message_id in fresh:
                    fresh.discard(message_id)
                    await self._settle(tx, delivery, occupied)

    async def _settle(self, tx: Transaction, delivery: Delivery, occupied: set[str]) -> None:
        if delivery.lane in occupied and self._concerns_us(delivery):
            await self._parking.park(tx, delivery, BEHIND, self._clock())
        elif delivery.unreadable is not None and delivery.raw.topic not in self._raw:
            occupied.add(delivery.lane)
            why = Why("unreadable", delivery.unreadable)
            await self._parking.park(tx, delivery, why, self._clock())
        else:
            await self._handle(tx, delivery)

    async def _handle(self, tx: Transaction, delivery: Delivery) -> None:
        raw_handler = self._raw.get(delivery.raw.topic)
        if raw_handler is not None:
            await raw_handler(tx, delivery)
            return
        # A type this service has no use for, or does not know yet, is passed over.
        if delivery.headers is None or delivery.headers.type not in self._events:
            return
        kind, handler = self._events[delivery.headers.type]
        with spans.received(delivery.raw.topic, delivery.headers, self.service):
            await handler(tx, decode(delivery.raw.value, kind), delivery.headers)
            await tx.session.flush()

    async def _park(self, delivery: Delivery, why: Why) -> None:
        async with self._transactions.begin() as tx:
            if await self._claim(tx, [self._message_id(delivery)]):
                parked = await self._parking.park(tx, delivery, why, self._clock())
                log.error("consumer.parked", parked=parked, reason=why.reason)

    async def _redrive_first(self, lane: str, by: str) -> bool:
        try:
            async with self._transactions.begin() as tx:
                found = await self._parking.first_in_line(tx, lane)
                if found is None:
                    return False
                parked, delivery = found
                await self._handle(tx, delivery)
                await self._parking.settle(tx, parked, "redriven", by, self._clock())
                return True
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - it stays parked, with the newer reason
            await self._still_parked(lane, why_parked(error, 1))
            return False

    async def _still_parked(self, lane: str, why: Why) -> None:
        async with self._transactions.begin() as tx:
            found = await self._parking.first_in_line(tx, lane)
            if found is not None:
                await self._parking.again(tx, found[0], why)

    async def _claim(self, tx: Transaction, message_ids: Sequence[str]) -> set[str]:
        """Write the inbox rows of all in one statement; answers those that were new.

        In sorted order, so that two consumers with overlapping batches wait instead of deadlocking.
        """
        table = tx.plumbing.messaging.inbox
        rows = [{"message_id": one} for one in sorted(set(message_ids))]
        statement = insert(table).values(rows).on_conflict_do_nothing()
        return set(await tx.session.scalars(statement.returning(table.c.message_id)))

    def _message_id(self, delivery: Delivery) -> str:
        return delivery_id(delivery.raw) if delivery.raw.topic in self._raw else delivery.id

    def _concerns_us(self, delivery: Delivery) -> bool:
        headers = delivery.headers
        return delivery.raw.topic in self._raw or headers is None or headers.type in self._events

    def _listen(self, topic: str) -> None:
        if topic not in self.topics:
            self.topics.append(topic)


def decode(body: bytes, kind: type[E]) -> E:
    """The body as its type promises; unknown fields are ignored."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Undecodable(_place(error)) from None


def is_final(error: Exception) -> bool:
    """Whether trying again cannot help: only a person, or a newer version, can."""
    return isinstance(error, Undecodable | Refused)


def why_parked(error: Exception, attempts: int) -> Why:
    """The reason as an operator reads it: types and places, never values."""
    match error:
        case Undecodable():
            return Why("undecodable", str(error), attempts)
        case Refused():
            fields = ", ".join(field.field for field in error.errors)
            return Why("refused", f"{error.title}: {fields}" if fields else error.title, attempts)
        case _:
            return Why("failed", f"{type(error).__name__} while taking effect", attempts)


def _place(error: Exception) -> str:
    """msgspec says where and which type, and quotes no value; anything else is told by its name."""
    if isinstance(error, msgspec.ValidationError) and "Invalid enum" not in str(error):
        return str(error)
    return type(error).__name__


async def forget_applied(transactions: Transactions, kept_days: int) -> None:
    """Delete inbox rows so old that nothing can deliver their message again."""
    async with transactions.begin() as tx:
        await tx.session.execute(
            text(
                """DELETE FROM inbox WHERE message_id IN (
                   SELECT message_id FROM inbox
                   WHERE applied_at < clock_timestamp() - make_interval(days => :kept)
                   LIMIT 1000)"""
            ),
            {"kept": kept_days},
        )
