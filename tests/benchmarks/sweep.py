"""A sweep of 1,000 due among 1 and among 10 million open clocks, next to SQL written by hand."""

import gc
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

import asyncpg

from services.deadlines.entrypoints.sweeper import BATCH, Sweeper
from services.deadlines.storage.tables import PLUMBING
from shared.transaction import Transactions
from tests.benchmarks.effort import Effort
from tests.benchmarks.raw_sweep import sweep_raw
from tests.benchmarks.results import Goal, Result, result
from tests.benchmarks.rounds import Measured, interleaved, ratio
from tests.benchmarks.servers import Servers
from tests.deadlines.builders import RECEIVED, RULEBOOK, started, swept
from tests.deadlines.many_cases import Clones, put_back_indexes, set_aside_indexes, write_clones
from tests.service_kit import transactions_on

WORK = "sweep of 1,000 due among 1 and 10 million open clocks"
KIND, RULE = "initial-case-review-child", "icr-agency-report-14d"
# Two clocks a case: one is met by the notification, one runs for fourteen days.
OPEN, DUE = "open", "due"
TABLES = ("cases", "clocks", "reminders", "mails", "outbox")

_prefixes = count(1)


@dataclass(slots=True)
class Ground:
    """A database with so many open clocks, in which more can be made due."""

    transactions: Transactions
    connection: asyncpg.Connection
    due_at: datetime

    async def ours(self, due: int) -> float:
        """Seconds that our sweep takes."""
        sweeper = Sweeper(self.transactions, RULEBOOK, lambda: self.due_at)
        return await self._timed(due, sweeper.sweep)

    async def raw(self, due: int) -> float:
        """Seconds that hand-written SQL takes."""
        return await self._timed(due, partial(sweep_raw, self.connection, self.due_at, BATCH))

    async def _timed(self, due: int, sweep: Any) -> float:
        clones = Clones(DUE, f"round{next(_prefixes)}", due, wakes_at=self.due_at)
        await write_clones(self.connection, clones)
        await self.connection.execute("CHECKPOINT")
        began = time.perf_counter()
        done = await sweep()
        took = time.perf_counter() - began
        _expect(due, done, await self.rows(clones.prefix))
        return took

    async def rows(self, prefix: str) -> int:
        """How many mails, reminders and events there are of the cases of one round."""
        found: Any = await self.connection.fetchval(
            """SELECT (SELECT count(*) FROM mails WHERE case_id LIKE $1)
                    + (SELECT count(*) FROM reminders WHERE clock_id LIKE $1 AND rung = 'overdue')
                    + (SELECT count(*) FROM outbox WHERE key LIKE $1)""",
            f"{prefix}-%",
        )
        return found


async def measure(effort: Effort, servers: Servers) -> Result:
    """How long both take among few and among many."""
    due = effort.of(20, 1000)
    sizes = {"1 million": effort.of(200, 1_000_000), "10 million": effort.of(2000, 10_000_000)}
    async with AsyncExitStack() as opened:
        grounds = {
            name: await opened.enter_async_context(ground(servers, size))
            for name, size in sizes.items()
        }
        contenders = {
            f"{who}, {name}": partial(getattr(found, who), due)
            for name, found in grounds.items()
            for who in ("ours", "raw")
        }
        # As the process does that services are forked from: what stays is not looked at again.
        gc.collect()
        gc.freeze()
        seconds = await interleaved(contenders, effort.rounds * 2)
    return _result(effort, seconds, due)


@asynccontextmanager
async def ground(servers: Servers, size: int) -> AsyncIterator[Ground]:
    """A database with `size` open clocks that are due long after those of the rounds."""
    url = servers.postgres.fresh_database("deadlines")
    connection = await asyncpg.connect(url, command_timeout=3600)
    try:
        async with transactions_on(url, PLUMBING, "deadlines") as transactions:
            due_at = await _templates(transactions, connection)
            indexes = await set_aside_indexes(connection, TABLES)
            await write_clones(connection, Clones(OPEN, OPEN, size))
            await put_back_indexes(connection, indexes)
            await connection.execute("VACUUM ANALYZE")
            yield Ground(transactions, connection, due_at)
    finally:
        await connection.close()


async def _templates(transactions: Transactions, connection: asyncpg.Connection) -> datetime:
    """One case that becomes overdue at the instant answered, and one that does weeks later."""
    later = RECEIVED + timedelta(days=40)
    dates = dict.fromkeys(("occurred_at", "aware_at", "received_at"), later)
    await started(transactions, kind=KIND, case=DUE, reference=DUE)
    await started(transactions, later, kind=KIND, case=OPEN, reference=OPEN, **dates)
    due_at: Any = await connection.fetchval(
        "SELECT due_at FROM clocks WHERE case_id = $1 AND rule = $2", DUE, RULE
    )
    for days in (7, 1):
        await swept(transactions, due_at - timedelta(days=days))
    # Only its clones are ever swept.
    await connection.execute("UPDATE cases SET next_act_at = NULL WHERE id = $1", DUE)
    return due_at


def _expect(due: int, done: int, written: int) -> None:
    """Both must have written the same: an event, a rung and a mail for each case."""
    if (done, written) != (due, 3 * due):
        raise AssertionError(f"{due} were due, {done} were swept, {written} rows written")


def _result(effort: Effort, seconds: dict[str, Measured], due: int) -> Result:
    few, many = seconds["ours, 1 million"], seconds["ours, 10 million"]
    flat = ratio(many, few)
    parts = {name: ratio(seconds[f"ours, {name}"], seconds[f"raw, {name}"]) for name in (
        "1 million", "10 million")}  # fmt: skip
    return result(
        "sweep",
        WORK,
        goals=[
            Goal("time among 10 million, in times of that among 1 million", flat.median,
                 at_most=1.2),
            Goal("time in times of raw SQL's, among 1 million", parts["1 million"].median,
                 at_most=3),
            Goal("time in times of raw SQL's, among 10 million", parts["10 million"].median,
                 at_most=3),
        ],
        figures={
            "seconds": seconds,
            "times of raw": parts,
            "ten times as many": flat,
            "due a second": {name: round(due / one.median) for name, one in seconds.items()},
            "batch": BATCH,
        },
        rounds=effort.rounds * 2,
    )  # fmt: skip
