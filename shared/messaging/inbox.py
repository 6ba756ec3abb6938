"""From the bus to the effect: each event once, in order per key, and nothing dropped."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import compress
from operator import not_

import structlog
from sqlalchemy import text

from shared.clock import Clock, utc_now
from shared.errors import Unavailable
from shared.messaging.backoff import Backoff
from shared.messaging.delivery import Delivery
from shared.messaging.failures import Undecodable, given_up, why_parked
from shared.messaging.parking import BEHIND, REDRIVEN, Parking, Why
from shared.messaging.subscriptions import Subscriptions
from shared.transaction import Transaction, Transactions

__all__ = ["Consumer", "Undecodable", "forget_applied"]

ANSWER_SECONDS = 5

log = structlog.get_logger()


class Consumer(Subscriptions):
    """Brings messages to their subscribers, and parks what cannot take effect."""

    def __init__(
        self,
        service: str,
        transactions: Transactions,
        parking: Parking,
        clock: Clock = utc_now,
        backoff: Callable[[], Backoff] = Backoff,
    ) -> None:
        super().__init__(service)
        self._transactions = transactions
        self._parking = parking
        self._clock = clock
        self._backoff = backoff

    async def take(self, deliveries: Sequence[Delivery]) -> None:
        """Return only when every one has taken effect, was known already, or is parked.

        While the database is away this waits; the caller commits offsets afterwards.
        """
        backoff = self._backoff()
        while True:
            try:
                return await self._take_all(deliveries)
            except Unavailable as error:
                log.warning("consumer.waiting", error=error.detail)
            await backoff.sleep()

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
        # One failure undid the batch, and says nothing of the others: look for it by halves, and
        # have patience with what fails alone.
        except Exception as error:  # noqa: BLE001 - parked in the end, with its reason
            await self._raise_if_away(error)
            for part in halves(deliveries):
                await (self._take_all(part) if len(part) > 1 else self._take_one(part[0]))

    async def _take_one(self, delivery: Delivery) -> None:
        backoff, attempts = self._backoff(), 0
        while True:
            try:
                return await self._apply([delivery])
            except Exception as error:  # noqa: BLE001 - parked in the end, with its reason
                await self._raise_if_away(error)
                attempts += 1
                if given_up(error, attempts):
                    return await self._park(delivery, why_parked(error, attempts))
            await backoff.sleep()

    async def _apply(self, deliveries: Sequence[Delivery]) -> None:
        async with self._transactions.begin() as tx:
            fresh = await self._fresh(tx, deliveries)
            if not fresh:
                return
            occupied = await self._parking.occupied(tx, {one.lane for one in fresh})
            waits = [one.lane in occupied and self.concerns(one) for one in fresh]
            for delivery in compress(fresh, waits):
                await self._parking.park(tx, delivery, BEHIND, self._clock())
            await self.handle(tx, list(compress(fresh, map(not_, waits))))

    async def _fresh(self, tx: Transaction, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Those that take effect now, each once, in their order."""
        named: dict[str, Delivery] = {}
        for delivery in deliveries:
            named.setdefault(self.message_id(delivery), delivery)
        first = await tx.first_times(named)
        return [delivery for name, delivery in named.items() if name in first]

    async def _raise_if_away(self, error: Exception) -> None:
        """What looks like an outage while the database answers is the message's own failure."""
        if isinstance(error, Unavailable) and not await self._database_answers():
            raise error

    async def _database_answers(self) -> bool:
        try:
            engine = self._transactions.database.engine
            async with asyncio.timeout(ANSWER_SECONDS), engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except Exception:  # noqa: BLE001 - whatever it is, it is no answer
            return False
        return True

    async def _park(self, delivery: Delivery, why: Why) -> None:
        async with self._transactions.begin() as tx:
            if await tx.first_time(self.message_id(delivery)):
                parked = await self._parking.park(tx, delivery, why, self._clock())
                log.error("consumer.parked", parked=parked, reason=why.reason)

    async def _redrive_first(self, lane: str, by: str) -> bool:
        parked = None
        try:
            async with self._transactions.begin() as tx:
                found = await self._parking.first_in_line(tx, lane)
                if found is None:
                    return False
                parked, delivery = found
                await self.handle(tx, [delivery])
                await self._parking.settle(tx, parked, REDRIVEN, by, self._clock())
                return True
        except Exception as error:
            if parked is None or isinstance(error, Unavailable):
                raise
            await self._still_parked(parked, why_parked(error, 1))
            return False

    async def _still_parked(self, parked: str, why: Why) -> None:
        async with self._transactions.begin() as tx:
            await self._parking.again(tx, parked, why)


def halves(deliveries: Sequence[Delivery]) -> list[Sequence[Delivery]]:
    """Both parts of a batch, in order; one that cannot be parted is its own only part."""
    middle = len(deliveries) // 2
    return [part for part in (deliveries[:middle], deliveries[middle:]) if part]


async def forget_applied(transactions: Transactions, kept_days: int) -> None:
    """Delete inbox rows so old that nothing can deliver their message again."""
    async with transactions.begin() as tx:
        await tx.session.execute(
            text(
                """DELETE FROM inbox WHERE message_id IN (
                   SELECT message_id FROM inbox
                   WHERE applied_at < clock_timestamp() - make_interval(days => :kept)
                   LIMIT 10000)"""
            ),
            {"kept": kept_days},
        )
