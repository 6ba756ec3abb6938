"""Corrected calendars move every open clock to where it would be if it were counted afresh.

Cases with pauses, extensions and areas of all sorts, corrections one upon another, by several
processes at once that die in the middle of their work. In the end every clock that runs is
counted anew from nothing but its facts, and must stand where it stands.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from services.deadlines.domain.calendar_making import Mode
from services.deadlines.domain.clock import derive_clock
from services.deadlines.domain.facts import Extension, Facts, Pause
from services.deadlines.domain.recomputation import Recomputation
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.entrypoints.corrector import Corrector
from services.deadlines.storage.calendars import read_newest
from services.deadlines.storage.cases import load_cases, lock_case
from services.deadlines.storage.tables import PLUMBING
from services.deadlines.use_cases import move_open_cases
from services.deadlines.use_cases.bring_up_to_date import bring_up_to_date
from services.deadlines.use_cases.start_clocks import start_clocks
from shared.areas import COUNCIL_AREAS
from shared.errors import Conflict
from shared.transaction import Transactions
from tests.chaos.figures import record
from tests.chaos.sizes import SEED, size
from tests.conftest import FreshDatabase
from tests.deadlines.builders import notification
from tests.deadlines.calendar_kit import REPORT, changed, csv_of, working_day_rulebook
from tests.deadlines.many_cases import Clones, write_clones
from tests.service_kit import transactions_on

pytestmark = pytest.mark.chaos

TEMPLATES = 40
CLOCKS = size(2_000, 100_000)
CORRECTIONS = size(6, 12)
# Small batches in a small attack, so that many of them are begun and few are all.
BATCH = size(50, 500)
AREAS = list(COUNCIL_AREAS)[:4]
FIRST = date(2026, 1, 5)
NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)


class Ground:
    """A database full of open clocks, and what the attack has done to it."""

    def __init__(self, transactions: Transactions, url: str, chance: random.Random) -> None:
        self.transactions = transactions
        self.url = url
        self.chance = chance
        self.rulebook = working_day_rulebook(30)
        self.killed = 0

    async def fill(self, clocks: int) -> None:
        """Random cases through the real use cases, and clones of them."""
        connection = await asyncpg.connect(self.url)
        for number in range(TEMPLATES):
            await self._template(f"t{number:02}")
            await write_clones(
                connection, Clones(f"t{number:02}", f"c{number:02}", clocks // TEMPLATES - 1)
            )
        await connection.execute("ANALYZE")
        await connection.close()

    async def attack(self) -> None:
        """Corrections one after another; each is carried through by processes that die."""
        for _ in range(CORRECTIONS):
            await self._correct()
            await self._carry_through()

    async def _template(self, name: str) -> None:
        day = datetime.combine(FIRST, datetime.min.time(), UTC)
        at = day + timedelta(days=self.chance.randrange(60), hours=self.chance.randrange(24))
        event = notification(
            reference=name, area=self.chance.choice(AREAS), occurred_at=at, aware_at=at,
            received_at=at,
        )  # fmt: skip
        async with self.transactions.begin() as tx:
            await start_clocks(tx, self.rulebook, name, event, at)
            case = await lock_case(tx.session, name)
            assert case is not None
            await bring_up_to_date(tx, self.rulebook, case.knowing(self._facts(case.facts)), NOW)

    def _facts(self, facts: Facts) -> Facts:
        pauses = [self._pause() for _ in range(self.chance.randrange(3))]
        extended = [
            Extension("report", self.chance.randint(1, 9)) for _ in range(self.chance.randrange(3))
        ]
        return replace(facts, pauses=tuple(pauses), extensions=tuple(extended))

    def _pause(self) -> Pause:
        starts = FIRST + timedelta(days=self.chance.randrange(90))
        lasts = self.chance.choice([1, 3, 10, 25, None])
        return Pause("report", starts, starts + timedelta(days=lasts) if lasts else None)

    async def _correct(self) -> None:
        calendar = self.chance.choice(["scotland", *AREAS])
        kind = self.chance.choice(["holiday", "holiday", "worked"])
        days = [day.isoformat() for day in self._some_days()]
        try:
            await changed(
                self.transactions, self.rulebook, csv_of(*days, kind=kind), calendar,
                Mode.CHANGES, NOW,
            )  # fmt: skip
        except Conflict:
            # By chance it says what the calendar says already: then another one.
            await self._correct()

    def _some_days(self) -> list[date]:
        days = [FIRST + timedelta(days=number) for number in range(150)]
        held = list(self.rulebook.calendars.by_id["scotland"].holidays)
        weekdays = [day for day in days if day.weekday() < 5]
        found = self.chance.sample(weekdays, self.chance.randint(1, 6))
        return sorted({*found, *self.chance.sample([day for day in held if day in weekdays], 1)})

    async def _carry_through(self) -> None:
        workers = [asyncio.create_task(self._worker()) for _ in range(2)]
        for worker in workers:
            await asyncio.sleep(self.chance.random() * 0.2)
            if self.chance.random() < 0.7 and not worker.done():
                worker.cancel()
                self.killed += 1
        await asyncio.gather(*workers, return_exceptions=True)
        await self._worker()

    async def _worker(self) -> None:
        """Another process: it has read nothing but the files yet."""
        rulebook = working_day_rulebook(30)
        await Corrector(self.transactions, rulebook, lambda: NOW, BATCH).carry_through()


class Checker:
    """Counts every open clock afresh, and what was said of it."""

    def __init__(self, url: str, transactions: Transactions) -> None:
        self.url = url
        self.transactions = transactions
        self.clocks = 0
        self.events = 0

    async def found(self) -> list[str]:
        """Everything that is not as it should be."""
        connection = await asyncpg.connect(self.url)
        try:
            return [*await self._stands(connection), *await self._told(connection)]
        finally:
            await connection.close()

    async def _stands(self, connection: asyncpg.Connection) -> list[str]:
        rows = await connection.fetch(
            """SELECT id, case_id, due_at, due_on FROM clocks WHERE rule = $1 AND state IN
               ('not_started', 'open', 'due_soon', 'overdue', 'paused')""",
            REPORT,
        )
        self.clocks = len(rows)
        wrong: list[str] = []
        for some in _parts(rows, 2000):
            wrong += await self._afresh(some)
        return wrong

    async def _afresh(self, rows: list[Any]) -> list[str]:
        wrong: list[str] = []
        async with self.transactions.begin() as tx:
            rulebook = working_day_rulebook(30)
            calendars = await read_newest(tx.session, rulebook.shelf)
            cases = await load_cases(tx.session, [row["case_id"] for row in rows])
        for row in rows:
            case = cases[row["case_id"]]
            rule = _rule(rulebook, case.rule_set)
            clock = derive_clock(rule, case.facts, case.area, calendars, NOW)
            if (clock.due_at, clock.counted.due_on) != (row["due_at"], row["due_on"]):
                wrong.append(f"{row['id']} is due {row['due_on']}, not {clock.counted.due_on}")
            if clock.calendar is None or case.pins[REPORT] != clock.calendar.pin:
                wrong.append(f"{row['id']} counts by {case.pins[REPORT]}")
        return wrong

    async def _told(self, connection: asyncpg.Connection) -> list[str]:
        """Of every move there is one event and one record, each from where the last one led."""
        rows = await connection.fetch(
            """SELECT convert_from(body, 'UTF8')::jsonb->>'clock' AS clock,
                      convert_from(body, 'UTF8')::jsonb->>'act' AS act,
                      convert_from(body, 'UTF8')::jsonb->>'due_on_before' AS before,
                      convert_from(body, 'UTF8')::jsonb->>'due_on' AS after
               FROM outbox WHERE type = 'scot.scrutiny.clock.recomputed.v1' ORDER BY position"""
        )
        kept = await connection.fetch(
            "SELECT clock_id AS clock, correction AS act FROM calendar_moves"
        )
        told = Counter((row["clock"], row["act"]) for row in rows)
        self.events = len(rows)
        wrong = [f"{clock} was told of {times} times" for (clock, _), times in told.items()
                 if times > 1]  # fmt: skip
        if set(told) != {(row["clock"], row["act"]) for row in kept}:
            wrong.append("what is recorded is not what was told")
        last: dict[str, str] = {}
        for row in rows:
            if last.get(row["clock"], row["before"]) != row["before"]:
                wrong.append(f"{row['clock']} leaps from {last[row['clock']]} to {row['before']}")
            last[row["clock"]] = row["after"]
        return wrong


def _parts(rows: list[Any], length: int) -> Iterator[list[Any]]:
    return (rows[start : start + length] for start in range(0, len(rows), length))


def _rule(rulebook: Rulebook, rule_set: str) -> Any:
    return rulebook.rule_sets[rule_set].rule(REPORT)


async def attacked(url: str, clocks: int) -> tuple[Ground, Checker, list[str]]:
    async with transactions_on(url, PLUMBING, "deadlines") as transactions:
        ground = Ground(transactions, url, random.Random(SEED))
        await ground.fill(clocks)
        await ground.attack()
        checker = Checker(url, transactions)
        return ground, checker, await checker.found()


async def test_every_open_clock_stands_where_counting_it_afresh_puts_it(
    fresh_database: FreshDatabase,
) -> None:
    ground, checker, found = await attacked(fresh_database("deadlines"), CLOCKS)
    assert found == [], f"seed {SEED}"
    assert checker.clocks == CLOCKS
    assert checker.events > 0
    record(
        "calendar-correction",
        clocks=checker.clocks,
        corrections=CORRECTIONS,
        moves=checker.events,
        kills=ground.killed,
        wrong=0,
    )


class Forgetful(Recomputation):
    """A recomputation that passes over the day on which a clock is due."""

    def _touched(self, case: Any, rule: Any, recorded: Any, calendar: Any) -> bool:
        due_on = recorded.due_on
        before = replace(recorded, due_on=due_on and due_on - timedelta(days=1))
        return super()._touched(case, rule, before, calendar)


async def test_a_recomputation_that_passes_over_one_day_is_found_out(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(move_open_cases, "Recomputation", Forgetful)
    url = fresh_database("deadlines")
    async with transactions_on(url, PLUMBING, "deadlines") as transactions:
        rulebook = working_day_rulebook(30)
        at = datetime(2026, 1, 5, 12, tzinfo=UTC)
        async with transactions.begin() as tx:
            dates = dict.fromkeys(("occurred_at", "aware_at", "received_at"), at)
            await start_clocks(tx, rulebook, "one", notification(**dates), at)
        checker = Checker(url, transactions)
        assert await checker.found() == []
        await changed(transactions, rulebook, csv_of("2026-02-16"), now=NOW)
        await Corrector(transactions, rulebook, lambda: NOW).carry_through()
        (said,) = await checker.found()
        assert said.endswith("is due 2026-02-16, not 2026-02-17")
