"""A change that concerns very many cases: a batch a transaction, case by case where one fails.

A case with which nothing can be done (it cannot be read, counted or written) must not stop the
others: the batch it is in is taken apart, and each of its cases is then owed by itself. One that
fails alone is tried again later, until it succeeds; only then is all of the change done.
"""

from abc import ABC, abstractmethod
from datetime import datetime, timedelta

import structlog

from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.storage.act_tables import ReachRow
from services.deadlines.storage.calendar_tables import CorrectionRow
from services.deadlines.storage.lone_cases import Lone, claim_lone, done_alone, put_off
from shared.clock import Clock
from shared.database import is_collision
from shared.errors import Unavailable
from shared.transaction import Transaction, Transactions

TRY_AGAIN = timedelta(minutes=5)

log = structlog.get_logger()


class CaseByCase(ABC):
    """Carries through every change of one sort that is owed; nothing owed costs three look-ups."""

    changes: type[CorrectionRow | ReachRow]

    def __init__(self, transactions: Transactions, rulebook: Rulebook, clock: Clock) -> None:
        self.transactions = transactions
        self.rulebook = rulebook
        self.clock = clock

    @abstractmethod
    async def batch(self, tx: Transaction, now: datetime) -> bool:
        """Do the next batch; False when none is left for anybody to take."""

    @abstractmethod
    async def take_apart(self, tx: Transaction, now: datetime) -> None:
        """Owe each case of the next batch by itself, where there is one to take."""

    @abstractmethod
    async def alone(self, tx: Transaction, lone: Lone, now: datetime) -> None:
        """Do one case that is owed by itself."""

    @abstractmethod
    async def end(self, tx: Transaction, now: datetime) -> bool:
        """Say of one change that all of it is done; False when there is none to say it of."""

    async def carry_through(self) -> None:
        """All of it."""
        while await self.step():
            pass

    async def step(self) -> bool:
        """One transaction's worth; False when nothing is left to do now."""
        return await self._batch() or await self._alone() or await self._end()

    async def _batch(self) -> bool:
        try:
            async with self.transactions.begin() as tx:
                return await self.batch(tx, self.clock())
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - one case of them is to blame
            log.warning("change.batch-failed", error=type(error).__name__)
            async with self.transactions.begin() as tx:
                await self.take_apart(tx, self.clock())
            return True

    async def _alone(self) -> bool:
        lone = None
        try:
            async with self.transactions.begin() as tx:
                now = self.clock()
                lone = await claim_lone(tx.session, self.changes, now)
                if lone is not None:
                    await self.alone(tx, lone, now)
                    await done_alone(tx.session, lone)
        except Unavailable:
            raise
        except Exception as error:
            # Two were in each other's way: the case is as sound as any, and next in a moment.
            if lone is None or is_collision(error):
                raise
            await self._put_off(lone, error)
        return lone is not None

    async def _end(self) -> bool:
        async with self.transactions.begin() as tx:
            return await self.end(tx, self.clock())

    async def _put_off(self, lone: Lone, error: Exception) -> None:
        why = type(error).__name__
        log.error("change.case-put-off", case=lone.case, error=why)
        async with self.transactions.begin() as tx:
            now = self.clock()
            await put_off(tx.session, lone, why, now, now + TRY_AGAIN)
