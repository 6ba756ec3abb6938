"""A corrected calendar moves 100,000 open clocks, next to SQL that was told every new date."""

import gc
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import asyncpg

from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.domain.rules import Rule, Unit, rule_set
from services.deadlines.entrypoints.corrector import BATCH, Corrector
from services.deadlines.storage.rulebook_files import load_rulebook
from services.deadlines.storage.tables import PLUMBING
from services.deadlines.use_cases.start_clocks import start_clocks
from shared.transaction import Transactions
from tests.benchmarks.effort import Effort
from tests.benchmarks.raw_recompute import recompute_raw
from tests.benchmarks.results import Goal, Result, result
from tests.benchmarks.rounds import Measured, interleaved, ratio
from tests.benchmarks.servers import Servers
from tests.deadlines.builders import notification
from tests.deadlines.calendar_kit import changed, csv_of
from tests.deadlines.many_cases import Clones, put_back_indexes, set_aside_indexes, write_clones
from tests.service_kit import transactions_on

WORK = "a corrected calendar moves 100,000 open clocks"
KIND, RULE = "initial-case-review-child", "icr-agency-report-14d"
# Clocks began on each of these days of March, and all still count on the day that is changed.
BEGAN = (2, 3, 4, 5, 6)
TOUCHED, UNTOUCHED = "2026-03-09", "2199-06-05"
NOW = datetime(2026, 3, 6, 18, tzinfo=UTC)
TABLES = ("cases", "clocks", "outbox")

_acts = count(1)


@dataclass(slots=True)
class Ground:
    """A database with open clocks that all count working days."""

    transactions: Transactions
    connection: asyncpg.Connection
    rulebook: Rulebook
    clocks: int
    moved: bool = False
    far: bool = False

    async def moving(self) -> float:
        """Clocks a second where each of them moves."""
        self.moved = not self.moved
        csv = csv_of(TOUCHED, kind="holiday" if self.moved else "worked")
        return await self._corrected(csv, self.clocks)

    async def still(self) -> float:
        """Clocks a second where none of them does."""
        self.far = not self.far
        csv = csv_of(UNTOUCHED, kind="holiday" if self.far else "worked")
        return await self._corrected(csv, 0)

    async def raw(self) -> float:
        """Clocks a second by SQL alone: a day on, and the next time a day back."""
        by = timedelta(days=1 if next(_acts) % 2 else -1)
        await self.connection.execute("CHECKPOINT")
        began = time.perf_counter()
        done = await recompute_raw(self.connection, RULE, uuid4().hex, by, BATCH)
        return self._rate(done, began)

    async def _corrected(self, csv: str, moved: int) -> float:
        correction = await changed(self.transactions, self.rulebook, csv, now=NOW)
        await self.connection.execute("CHECKPOINT")
        began = time.perf_counter()
        await Corrector(self.transactions, self.rulebook, lambda: NOW).carry_through()
        took = self._rate(self.clocks, began)
        found: Any = await self.connection.fetchval(
            "SELECT moved FROM calendar_corrections WHERE id = $1", correction.id
        )
        if found != moved:
            raise AssertionError(f"{moved} clocks were to move, {found} did")
        return took

    def _rate(self, done: int, began: float) -> float:
        if done != self.clocks:
            raise AssertionError(f"{self.clocks} clocks are open, {done} were moved")
        return done / (time.perf_counter() - began)


async def measure(effort: Effort, servers: Servers) -> Result:
    """Clocks a second, by us where all move and where none does, and by hand."""
    async with ground(servers, effort.of(60, 100_000)) as found:
        contenders = {
            "ours, all move": found.moving,
            "ours, none moves": found.still,
            "raw, all move": found.raw,
        }
        # As the process does that services are forked from: what stays is not looked at again.
        gc.collect()
        gc.freeze()
        rates = await interleaved(contenders, effort.rounds)
    return _result(effort, rates, found.clocks)


@asynccontextmanager
async def ground(servers: Servers, clocks: int) -> AsyncIterator[Ground]:
    """A database with so many open clocks, each of a case of its own."""
    url = servers.postgres.fresh_database("deadlines")
    connection = await asyncpg.connect(url, command_timeout=3600)
    rulebook = working_days()
    try:
        async with transactions_on(url, PLUMBING, "deadlines") as transactions:
            for day in BEGAN:
                await _template(transactions, rulebook, day)
            indexes = await set_aside_indexes(connection, TABLES)
            for day in BEGAN:
                clones = clocks // len(BEGAN) - 1
                await write_clones(connection, Clones(f"day-{day}", f"of-{day}", clones))
            await put_back_indexes(connection, indexes)
            await connection.execute("VACUUM ANALYZE")
            open_clocks = clocks // len(BEGAN) * len(BEGAN)
            yield Ground(transactions, connection, rulebook, open_clocks)
    finally:
        await connection.close()


def working_days() -> Rulebook:
    """The checked-in rules, but one counts fourteen of the area's working days."""
    made = load_rulebook()
    sets = {
        version: rule_set(version, tuple(_counting(rule) for rule in found.rules))
        for version, found in made.rule_sets.items()
    }
    return Rulebook(sets, made.shelf)


def _counting(rule: Rule) -> Rule:
    if rule.id != RULE:
        return rule
    return replace(rule, unit=Unit.WORKING_DAYS, calendar="area")


async def _template(transactions: Transactions, rulebook: Rulebook, day: int) -> None:
    at = datetime(2026, 3, day, 9, tzinfo=UTC)
    dates = dict.fromkeys(("occurred_at", "aware_at", "received_at"), at)
    event = notification(kind=KIND, reference=f"day-{day}", **dates)
    async with transactions.begin() as tx:
        await start_clocks(tx, rulebook, f"day-{day}", event, at)


def _result(effort: Effort, rates: dict[str, Measured], clocks: int) -> Result:
    moving, still = rates["ours, all move"], rates["ours, none moves"]
    part = ratio(moving, rates["raw, all move"])
    return result(
        "recompute",
        WORK,
        goals=[
            Goal("open clocks a second, each moved, recorded and told of", moving.median,
                 at_least=10_000),
            Goal("open clocks a second, none moved", still.median, at_least=10_000),
        ],
        figures={
            "clocks": clocks,
            "clocks a second": rates,
            "part of raw SQL's rate, all moved": part,
            "batch": BATCH,
        },
        rounds=effort.rounds,
    )  # fmt: skip
