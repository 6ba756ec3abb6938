"""Statistics and lists over 1 and 5 million clocks, next to the same questions in bare SQL."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg

from services.deadlines.domain.states import State
from services.deadlines.domain.statistics import By
from services.deadlines.storage.clocks import Wanted
from services.deadlines.storage.statistics import Asked, ages, received, timeliness
from services.deadlines.storage.tables import PLUMBING
from services.deadlines.use_cases.show_clocks import show_clocks
from shared.areas import COUNCIL_AREAS
from shared.transaction import Transaction, Transactions
from tests.benchmarks.effort import Effort
from tests.benchmarks.results import Goal, Result, result
from tests.benchmarks.rounds import Measured, interleaved, ratio
from tests.benchmarks.servers import Servers
from tests.deadlines.builders import RULEBOOK, started, submitted
from tests.deadlines.many_cases import Clones, put_back_indexes, set_aside_indexes, write_clones
from tests.service_kit import transactions_on

WORK = "statistics and lists over 1,000,000 and 5,000,000 clocks"
# Four clocks a case of this kind, two of them governing.
KIND, CLOCKS_A_CASE = "death-looked-after-child", 4
AREAS = list(COUNCIL_AREAS)[:16]
# A case a quarter of two years in every area: in time, late, prompt once aware, never reported.
QUARTERS = [date(year, month, 10) for year in (2024, 2025) for month in (1, 4, 7, 10)]
STARTS, ENDS = date(2024, 1, 1), date(2026, 1, 1)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
TABLES = ("cases", "clocks", "reminders")
PAGE = 51

_RAW_TIMELINESS = """
    SELECT area, coalesce(outcome, 'overdue'), count(*) FROM clocks
    WHERE governing AND due_on IS NOT NULL AND due_on >= $1 AND due_on < $2
        AND (outcome IS NOT NULL OR (state IN ('open', 'due_soon', 'overdue') AND due_at <= $3))
    GROUP BY 1, 2
"""
_RAW_PAGE = """
    SELECT clocks.*, cases.* FROM clocks JOIN cases ON cases.id = clocks.case_id
    WHERE clocks.area = $1 AND state IN ('open', 'due_soon', 'overdue') AND due_at <= $2
        AND number > $3 ORDER BY number LIMIT $4
"""


@dataclass(slots=True)
class Ground:
    """A database with so many clocks."""

    transactions: Transactions
    connection: asyncpg.Connection

    async def timeliness(self) -> float:
        """Seconds for what became of everything due in two years, by area."""
        return await self._timed(
            lambda tx: timeliness(tx.session, Asked(By.AREA), STARTS, ENDS, NOW)
        )

    async def everything(self) -> float:
        """Seconds for all that the page of statistics asks for."""

        async def ask(tx: Transaction) -> None:
            await timeliness(tx.session, Asked(By.AREA), STARTS, ENDS, NOW)
            await ages(tx.session, Asked(By.AREA), NOW)
            await received(tx.session, None)

        return await self._timed(ask)

    async def page(self) -> float:
        """Seconds for one page of what is overdue in an area, derived and explained."""
        wanted = Wanted(state=State.OVERDUE, areas=frozenset(AREAS[:1]))
        return await self._timed(lambda tx: show_clocks(tx, RULEBOOK, wanted, NOW, 0, PAGE))

    async def raw_timeliness(self) -> float:
        """The first question, by hand."""
        return await self._raw(_RAW_TIMELINESS, STARTS, ENDS, NOW)

    async def raw_page(self) -> float:
        """The rows of a page, by hand; nothing is derived of them."""
        return await self._raw(_RAW_PAGE, AREAS[0], NOW, 0, PAGE)

    async def _timed(self, ask: Callable[[Transaction], Awaitable[Any]]) -> float:
        began = time.perf_counter()
        async with self.transactions.begin() as tx:
            await ask(tx)
        return time.perf_counter() - began

    async def _raw(self, statement: str, *given: Any) -> float:
        began = time.perf_counter()
        rows = await self.connection.fetch(statement, *given)
        took = time.perf_counter() - began
        if not rows:
            raise AssertionError("there was nothing to be found")
        return took


async def measure(effort: Effort, servers: Servers) -> Result:
    """Seconds of both, over few and over many."""
    sizes = {"1 million": effort.of(2_000, 1_000_000), "5 million": effort.of(4_000, 5_000_000)}
    async with AsyncExitStack() as opened:
        contenders: dict[str, Callable[[], Awaitable[float]]] = {}
        for name, size in sizes.items():
            found = await opened.enter_async_context(ground(servers, size))
            contenders |= {
                f"timeliness, {name}": found.timeliness,
                f"raw timeliness, {name}": found.raw_timeliness,
                f"whole page of statistics, {name}": found.everything,
                f"list, {name}": found.page,
                f"raw list, {name}": found.raw_page,
            }
        seconds = await interleaved(contenders, effort.rounds)
    return _result(effort, seconds)


@asynccontextmanager
async def ground(servers: Servers, clocks: int) -> AsyncIterator[Ground]:
    """A database with so many clocks of cases of every area, quarter and outcome."""
    url = servers.postgres.fresh_database("deadlines")
    connection = await asyncpg.connect(url, command_timeout=3600)
    try:
        async with transactions_on(url, PLUMBING, "deadlines") as transactions:
            templates = await _templates(transactions)
            indexes = await set_aside_indexes(connection, TABLES)
            each = max(1, clocks // CLOCKS_A_CASE // len(templates) - 1)
            for name in templates:
                await write_clones(connection, Clones(name, f"of-{name}", each))
            await put_back_indexes(connection, indexes)
            await connection.execute("VACUUM ANALYZE")
            yield Ground(transactions, connection)
    finally:
        await connection.close()


async def _templates(transactions: Transactions) -> list[str]:
    names: list[str] = []
    for place, area in enumerate(AREAS):
        for quarter, day in enumerate(QUARTERS):
            name = f"{area}-{quarter}"
            await _template(transactions, name, area, day, (place + quarter) % 4)
            names.append(name)
    return names


async def _template(
    transactions: Transactions, name: str, area: str, day: date, outcome: int
) -> None:
    died = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    received_at = died + timedelta(hours=3 if outcome == 0 else 60)
    aware_at = died + timedelta(hours=50 if outcome == 2 else 0)
    dates = {"occurred_at": died, "aware_at": aware_at, "received_at": received_at}
    await started(transactions, received_at, name, reference=name, area=area, kind=KIND, **dates)
    # One in eight is never reported and runs for ever.
    if outcome != 1 or day.month != 4:
        await submitted(transactions, died + timedelta(days=20 + 10 * (outcome == 1)), case=name)


def _result(effort: Effort, seconds: dict[str, Measured]) -> Result:
    parts = {
        f"{what}, {size}": ratio(seconds[f"{what}, {size}"], seconds[f"raw {what}, {size}"])
        for what in ("timeliness", "list")
        for size in ("1 million", "5 million")
    }
    goals = [
        Goal("seconds for the whole page of statistics over 1,000,000 clocks",
             seconds["whole page of statistics, 1 million"].median, at_most=1),
        Goal("seconds for one page of a list among 5,000,000 clocks",
             seconds["list, 5 million"].median, at_most=0.1),
    ]  # fmt: skip
    figures = {"seconds": seconds, "times of raw": parts}
    return result("statistics", WORK, goals=goals, figures=figures, rounds=effort.rounds)
