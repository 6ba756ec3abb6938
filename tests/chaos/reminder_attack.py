"""Sweepers over a night on which the clocks change, killed as they work, on a clock that jumps.

The instants are written out by hand: the attack knows when each group is due and asks nobody.
"""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import asyncpg

from services.deadlines.storage.tables import PLUMBING
from tests.chaos import reminder_checks as checks
from tests.chaos.reminding import Orders, ShownClock, started
from tests.chaos.sizes import size
from tests.deadlines.builders import started as case_started
from tests.deadlines.builders import swept
from tests.deadlines.many_cases import Clones, put_back_indexes, set_aside_indexes, write_clones
from tests.service_kit import transactions_on

KIND = "initial-case-review-child"
TICK, HOUR = timedelta(microseconds=1), timedelta(hours=1)
LONG_SECONDS = size(120, 3600)
POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Night:
    """Two groups of agency reports, due at the two ends of the day that is not 24 hours long."""

    name: str
    aware: dict[str, datetime]
    last_day: dict[str, datetime]
    due: dict[str, datetime]


# By the end of 28 and of 29 March 2026: the second ends 23 hours after the first.
SPRING = Night(
    "clocks go forward",
    {"a": datetime(2026, 3, 14, 9, tzinfo=UTC), "b": datetime(2026, 3, 15, 9, tzinfo=UTC)},
    {"a": datetime(2026, 3, 28, 0, tzinfo=UTC), "b": datetime(2026, 3, 29, 0, tzinfo=UTC)},
    {"a": datetime(2026, 3, 29, 0, tzinfo=UTC), "b": datetime(2026, 3, 29, 23, tzinfo=UTC)},
)
# By the end of 24 and of 25 October 2026: the second ends 25 hours after the first.
AUTUMN = Night(
    "clocks go back",
    {"a": datetime(2026, 10, 10, 9, tzinfo=UTC), "b": datetime(2026, 10, 11, 9, tzinfo=UTC)},
    {"a": datetime(2026, 10, 23, 23, tzinfo=UTC), "b": datetime(2026, 10, 24, 23, tzinfo=UTC)},
    {"a": datetime(2026, 10, 24, 23, tzinfo=UTC), "b": datetime(2026, 10, 26, 0, tzinfo=UTC)},
)


@dataclass(slots=True)
class Attack:
    """So many cases due in the night among so many that are not, and so many kills."""

    night: Night
    orders: Orders
    due: int
    among: int
    kills: int
    chance: Random
    sweepers: int = 4
    # A control has shown what it is for as soon as anything is wrong.
    until_wrong: bool = False
    killed: int = 0
    processes: list[Any] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def group(self) -> int:
        """How many are due at each end of the day."""
        return self.due // 2

    async def prepare(self) -> None:
        """Write the cases: told of everything but that they are overdue."""
        async with transactions_on(self.orders.database, PLUMBING, "deadlines") as transactions:
            for name in ("b", "a"):
                aware, last_day = self.night.aware[name], self.night.last_day[name]
                await case_started(transactions, **_template(name, aware))
                await swept(transactions, last_day)
            other = self.night.due["a"] - timedelta(days=2)
            await case_started(transactions, **_template("other", other))
        connection = await asyncpg.connect(self.orders.database, command_timeout=3600)
        indexes = await set_aside_indexes(connection, ("cases", "clocks", "reminders"))
        for name, count in (("a", self.group), ("b", self.group), ("other", self.among)):
            await write_clones(connection, Clones(name, name, count))
        await connection.execute("UPDATE cases SET next_act_at = NULL WHERE length(id) < 6")
        await connection.execute("DELETE FROM mails")
        await put_back_indexes(connection, indexes)
        await connection.execute("ANALYZE")
        await connection.close()

    async def run(self) -> list[str]:
        """Let the night pass; answers what went wrong."""
        self._clock.show(self.night.due["a"] - 2 * HOUR)
        self.processes = [started(self.orders) for _ in range(self.sweepers)]
        try:
            for now, groups, kills in self._steps():
                await self._pass(now, groups, kills)
                if self.wrong and self.until_wrong:
                    return self.wrong
        finally:
            self._end()
        due = self._cases("ab")
        self.wrong += await checks.wrong_at_the_end(
            self.orders.database, Path(self.orders.folder), due
        )
        return self.wrong

    def _steps(self) -> list[tuple[datetime, str, int]]:
        """What the clock shows, one after the other, who is due by then, and how many die."""
        a, b = self.night.due["a"], self.night.due["b"]
        half = self.kills // 2
        return [
            (a - TICK, "", 0),
            (a, "a", half),
            (a - HOUR, "a", 0),
            (a + HOUR, "a", 0),
            (b - TICK, "a", 0),
            (b - TICK + HOUR, "ab", self.kills - half),
            (b - TICK, "ab", 0),
            (b + HOUR, "ab", 0),
        ]

    @property
    def _clock(self) -> ShownClock:
        return ShownClock(Path(self.orders.folder))

    async def _pass(self, now: datetime, groups: str, kills: int) -> None:
        """Show a time until everything that is due by then has been told; kill meanwhile."""
        self._clock.show(now)
        until, wanted = time.monotonic() + LONG_SECONDS, self.group * len(groups)
        before, _ = await checks.settled(self.orders.database)
        done, killed = before, 0
        # Where nothing is to be done, everybody has looked and had the time to do it wrong.
        while done < wanted or killed < kills or not self._all_swept(now):
            share = (done - before + 1) / max(wanted - before, 1)
            while killed < min(kills, int(share * kills) + (done >= wanted) * kills):
                self._kill_one()
                killed += 1
                await asyncio.sleep(POLL_SECONDS / 4)
            if time.monotonic() > until:
                self.wrong.append(f"{self.night.name}: only {done} of {wanted} were told")
                break
            await asyncio.sleep(POLL_SECONDS)
            done, _ = await checks.settled(self.orders.database)
            if self.until_wrong and await checks.wrong_now(
                self.orders.database, self._cases(groups)
            ):
                break
        self.wrong += await checks.wrong_now(self.orders.database, self._cases(groups))

    def _all_swept(self, at: datetime) -> bool:
        return all(self._clock.has_swept(process.pid, at) for process in self.processes)

    def _kill_one(self) -> None:
        chosen = self.chance.randrange(len(self.processes))
        self.processes[chosen].kill()
        self.processes[chosen].join()
        self.processes[chosen] = started(self.orders)
        self.killed += 1

    def _end(self) -> None:
        for process in self.processes:
            process.kill()
            process.join()

    def _cases(self, groups: str) -> set[str]:
        numbers = range(1, self.group + 1)
        return {f"{group}-{number:09}" for group in groups for number in numbers}


def _template(name: str, aware: datetime) -> dict[str, Any]:
    dates = dict.fromkeys(("occurred_at", "aware_at", "received_at"), aware)
    return {"now": aware, "case": name, "reference": name, "kind": KIND, **dates}
