"""One case with which nothing can be done stops neither a correction nor a regime for the others.

Faults: rows that the database refuses to write, rows that cannot be read, rules that are gone,
each in a batch of sound cases. Control: a worker that knows only whole batches moves nobody.
"""

import asyncio
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest

from services.deadlines.domain.calendar_making import Mode
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.entrypoints.case_by_case import TRY_AGAIN
from services.deadlines.entrypoints.corrector import Corrector
from services.deadlines.entrypoints.health import deadlines_checks
from services.deadlines.entrypoints.regime_carrier import RegimeCarrier
from services.deadlines.outside.calendar_csv import read_csv
from services.deadlines.storage.calendars import read_newest
from services.deadlines.use_cases import preview_correction, reach_of_regime
from services.deadlines.use_cases.change_calendar import Import, propose
from services.deadlines.use_cases.declare_regime import preview_regime
from services.deadlines.use_cases.start_clocks import start_clocks
from shared.access.principal import Role
from shared.transaction import Transactions
from tests.access_kit import as_
from tests.deadlines.acting_kit import CHIEF, NOW, declared, ended, regime, rows
from tests.deadlines.builders import RECEIVED, RULEBOOK, notification
from tests.deadlines.calendar_kit import HOLIDAY, changed, csv_of, working_day_rulebook
from tests.deadlines.test_sweep_isolation import FAULTS, run

# In the order of ids the broken one is amid the others, with whole batches before and after it.
SOUND = [f"case-{number}" for number in (0, 1, 2, 4, 5, 6)]
BROKEN = "case-3"


class Correction:
    """A corrected calendar, in batches of two cases."""

    told_when_done = "calendar.recomputed"

    def __init__(self, transactions: Transactions) -> None:
        self.transactions = transactions
        self.rulebook = working_day_rulebook()

    async def begin(self) -> None:
        await changed(self.transactions, self.rulebook, csv_of(HOLIDAY))

    async def carry(self, now: datetime) -> None:
        await Corrector(self.transactions, self.rulebook, lambda: now, 2).carry_through()


class Regime:
    """An emergency regime, in batches of two cases, the first of them in the act itself."""

    told_when_done = "regime.carried-through"

    def __init__(self, transactions: Transactions) -> None:
        self.transactions = transactions
        self.rulebook = RULEBOOK

    async def begin(self) -> None:
        await declared(self.transactions)

    async def carry(self, now: datetime) -> None:
        await RegimeCarrier(self.transactions, self.rulebook, lambda: now).carry_through()


Change = Correction | Regime


async def begun(transactions: Transactions, rulebook: Rulebook) -> None:
    """Clocks run in all of the cases."""
    async with transactions.begin() as tx:
        for case in sorted([BROKEN, *SOUND]):
            event = notification(reference=f"SN-{case}")
            await start_clocks(tx, rulebook, case, event, RECEIVED)


@pytest.fixture(params=[Correction, Regime])
async def change(
    request: pytest.FixtureRequest, transactions: Transactions, monkeypatch: pytest.MonkeyPatch
) -> Change:
    """Cases whose clocks run; nothing is changed yet."""
    monkeypatch.setattr(reach_of_regime, "BATCH", 2)
    monkeypatch.setattr(reach_of_regime, "AT_ONCE", 2)
    made: Change = request.param(transactions)
    await begun(transactions, made.rulebook)
    return made


@pytest.fixture(params=FAULTS)
def fault(request: pytest.FixtureRequest) -> tuple[str, str]:
    """What breaks the case, and what mends it."""
    breaks, mends = FAULTS[request.param]
    return _of_these(breaks), _of_these(mends)


def _of_these(statement: str) -> str:
    return statement.replace("'broken'", f"'{BROKEN}'").replace("sound-0", SOUND[0])


async def moved(transactions: Transactions) -> list[str]:
    """The cases of which it was told that a clock moved, as often as it was told."""
    found = await rows(transactions, "SELECT key FROM outbox WHERE type LIKE '%recomputed%'")
    return sorted(row.key for row in found)


async def set_aside(transactions: Transactions) -> int:
    checks = {one.name: one.ask for one in deadlines_checks(transactions)}
    return ((await checks["changes"]()) or {})["set_aside"]


async def is_done(transactions: Transactions, change: Change) -> bool:
    said = await rows(
        transactions, f"SELECT 1 FROM audit_log WHERE act = '{change.told_when_done}'"
    )
    return bool(said)


async def test_the_others_move_and_the_broken_one_follows_once_it_is_mended(
    transactions: Transactions, change: Change, fault: tuple[str, str]
) -> None:
    breaks, mends = fault
    await change.begin()
    await run(transactions, breaks)
    await change.carry(NOW)
    assert await moved(transactions) == SOUND
    assert await set_aside(transactions) == 1
    (row,) = await rows(transactions, "SELECT case_id, stuck_why, next_try_at FROM lone_cases")
    assert (row.case_id, row.next_try_at) == (BROKEN, NOW + TRY_AGAIN)
    assert row.stuck_why
    await run(transactions, mends)
    await change.carry(NOW + TRY_AGAIN - timedelta(seconds=1))
    assert await moved(transactions) == SOUND
    assert not await is_done(transactions, change)
    await change.carry(NOW + TRY_AGAIN)
    assert await moved(transactions) == sorted([BROKEN, *SOUND])
    assert await set_aside(transactions) == 0
    assert await is_done(transactions, change)


async def test_whoever_finds_a_failed_batch_taken_by_another_goes_on(
    transactions: Transactions, change: Change
) -> None:
    await change.begin()
    await run(transactions, _of_these(FAULTS["rules that are gone"][0]))
    await asyncio.gather(*(change.carry(NOW) for _ in range(3)))
    assert await moved(transactions) == SOUND
    assert await set_aside(transactions) == 1


async def test_a_case_that_stays_broken_is_tried_again_and_stops_nobody(
    transactions: Transactions, change: Change, fault: tuple[str, str]
) -> None:
    await change.begin()
    await run(transactions, fault[0])
    await change.carry(NOW)
    await change.carry(NOW + TRY_AGAIN)
    (row,) = await rows(transactions, "SELECT next_try_at, stuck_since FROM lone_cases")
    assert (row.next_try_at, row.stuck_since) == (NOW + 2 * TRY_AGAIN, NOW)
    assert not await is_done(transactions, change)


async def test_a_regime_is_declared_though_a_case_in_its_first_batch_is_broken(
    transactions: Transactions, fault: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach_of_regime, "BATCH", 2)
    await begun(transactions, RULEBOOK)
    await run(transactions, fault[0])
    made, reach = await declared(transactions)
    assert (reach.cases, reach.clocks, reach.complete) == (2, 2, False)
    assert await moved(transactions) == SOUND[:2]
    change = Regime(transactions)
    await change.carry(NOW)
    assert await moved(transactions) == SOUND
    await ended(transactions, made, date(2026, 3, 20))
    await run(transactions, fault[1])
    await change.carry(NOW + TRY_AGAIN)
    stands = await rows(transactions, "SELECT facts->'regimes'->0->>'ends' FROM cases")
    assert {row[0] for row in stands} == {"2026-03-20"}


UNCOUNTABLE = ("facts that cannot be read", "rules that are gone")


@pytest.mark.parametrize("what", UNCOUNTABLE)
async def test_previews_count_the_others_and_say_that_they_are_not_all(
    transactions: Transactions, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach_of_regime, "BATCH", 2)
    monkeypatch.setattr(preview_correction, "BATCH", 2)
    rulebook = working_day_rulebook()
    await begun(transactions, rulebook)
    await run(transactions, _of_these(FAULTS[what][0]))
    wanted = Import("scotland", read_csv(csv_of(HOLIDAY)), Mode.CHANGES, "csv")
    async with transactions.begin() as tx:
        await read_newest(tx.session, rulebook.shelf)
        proposal = propose(rulebook, wanted)
        moved = await preview_correction.preview_correction(tx, rulebook, proposal, NOW, 10)
        touched = await preview_regime(tx, rulebook, regime(), CHIEF, NOW)
    assert (moved.moved, moved.uncounted) == (6, 1)
    assert (touched.counted, touched.concerned, touched.complete) == (6, 7, False)


async def test_a_correction_says_how_many_cases_could_not_be_counted_yet(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    change = Correction(transactions)
    await begun(transactions, change.rulebook)
    await change.begin()
    breaks, mends = (_of_these(one) for one in FAULTS["facts that cannot be read"])
    await run(transactions, breaks)
    await change.carry(NOW)
    shown = await correction(client)
    assert (shown["examined"], shown["moved"], shown["set_aside"]) == (6, 6, 1)
    assert shown["ended_at"] is None
    await run(transactions, mends)
    await change.carry(NOW + TRY_AGAIN)
    shown = await correction(client)
    assert (shown["examined"], shown["moved"], shown["set_aside"]) == (7, 7, 0)
    assert shown["ended_at"] is not None


async def correction(client: httpx.AsyncClient) -> dict[str, Any]:
    path = "/calendars/scotland/corrections/2"
    return (await client.get(path, headers=as_(Role.CHIEF_INSPECTOR))).json()


class OnlyBatches(Corrector):
    """A worker that does not look for whom to blame."""

    async def step(self) -> bool:
        async with self.transactions.begin() as tx:
            return await self.batch(tx, self.clock())


async def test_a_worker_that_knows_only_whole_batches_moves_nobody(
    transactions: Transactions,
) -> None:
    change = Correction(transactions)
    await begun(transactions, change.rulebook)
    await change.begin()
    await run(transactions, _of_these(FAULTS["rules that are gone"][0]))
    with pytest.raises(KeyError):
        await OnlyBatches(transactions, change.rulebook, lambda: NOW).carry_through()
    assert await moved(transactions) == []
