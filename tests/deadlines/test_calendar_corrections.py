"""A corrected calendar moves the clocks that run, says so, and leaves the others alone."""

import asyncio
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from services.deadlines.domain.calendar import Pin
from services.deadlines.domain.calendar_making import Mode
from services.deadlines.domain.facts import Completion, Decision
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.outside.calendar_csv import read_csv
from services.deadlines.storage.calendars import read_newest
from services.deadlines.storage.clocks import Wanted
from services.deadlines.storage.corrections import claim_part
from services.deadlines.use_cases import change_calendar
from services.deadlines.use_cases.apply_decision import apply_decision
from services.deadlines.use_cases.carry_through_correction import (
    carry_through_correction,
    end_correction,
)
from services.deadlines.use_cases.change_calendar import Import, in_force_alone, propose
from services.deadlines.use_cases.complete_obligation import complete_obligation
from services.deadlines.use_cases.declare_regime import declare_regime
from services.deadlines.use_cases.preview_correction import preview_correction
from services.deadlines.use_cases.show_clocks import Shown, show_clocks
from services.deadlines.use_cases.start_clocks import start_clocks
from shared.audit import first_broken
from shared.errors import Conflict
from shared.transaction import Transactions
from tests.deadlines.acting_kit import CHIEF, regime
from tests.deadlines.builders import CASE, RECEIVED, notification, published, short
from tests.deadlines.calendar_kit import (
    HOLIDAY,
    NEXT_DAY,
    NOW,
    REPORT,
    carried_through,
    changed,
    csv_of,
    working_day_rulebook,
)
from tests.deadlines.official import FIFE

ABERDEEN = "S12000033"
# Ten working days from Tuesday 10 February.
DUE, DAY_LATER = date(2026, 2, 24), date(2026, 2, 25)


@pytest.fixture
def rulebook() -> Rulebook:
    """One process's rules and calendars."""
    return working_day_rulebook()


async def begun(
    transactions: Transactions, rulebook: Rulebook, case: str = CASE, **given: Any
) -> None:
    async with transactions.begin() as tx:
        event = notification(**({"reference": f"SN-{case}"} | given))
        await start_clocks(tx, rulebook, case, event, RECEIVED)


async def shown(transactions: Transactions, rulebook: Rulebook) -> dict[str, Shown]:
    """The report's clock of every case."""
    async with transactions.begin() as tx:
        found, _ = await show_clocks(tx, rulebook, Wanted(), NOW, 0, 500)
    return {one.listed.case.id: one for one in found if one.listed.rule == REPORT}


async def due(transactions: Transactions, rulebook: Rulebook, case: str = CASE) -> date | None:
    return (await shown(transactions, rulebook))[case].clock.counted.due_on


async def recorded(transactions: Transactions, statement: str) -> list[tuple[Any, ...]]:
    async with transactions.begin() as tx:
        return [tuple(row) for row in await tx.session.execute(text(statement))]


async def news(transactions: Transactions) -> list[dict[str, Any]]:
    rows = await published(transactions)
    found = [row for row in rows if short(row.type) == "clock.recomputed"]
    return [msgspec.json.decode(row.body) for row in found]


async def test_an_added_holiday_moves_an_open_clock_by_a_day(
    transactions: Transactions, rulebook: Rulebook
) -> None:
    await begun(transactions, rulebook)
    await changed(transactions, rulebook, csv_of(HOLIDAY))
    assert await due(transactions, rulebook) == DUE
    await carried_through(transactions, rulebook)
    assert await due(transactions, rulebook) == DAY_LATER
    assert await recorded(transactions, f"SELECT due_on FROM clocks WHERE rule = '{REPORT}'") == [
        (DAY_LATER,)
    ]


async def test_the_event_and_the_record_tell_before_and_after(
    transactions: Transactions, rulebook: Rulebook
) -> None:
    await begun(transactions, rulebook)
    correction = await changed(transactions, rulebook, csv_of(HOLIDAY))
    await carried_through(transactions, rulebook)
    (event,) = await news(transactions)
    told = {name: event[name] for name in ("because", "act", "due_on_before", "due_on")}
    assert told == {
        "because": "calendar-corrected",
        "act": correction.id,
        "due_on_before": DUE.isoformat(),
        "due_on": DAY_LATER.isoformat(),
    }
    moves = await recorded(
        transactions, "SELECT correction, due_on_before, due_on_after FROM calendar_moves"
    )
    assert moves == [(correction.id, DUE, DAY_LATER)]


async def test_it_is_one_audited_act_with_its_reason_and_its_outcome(
    transactions: Transactions, rulebook: Rulebook
) -> None:
    await begun(transactions, rulebook)
    await changed(transactions, rulebook, csv_of(HOLIDAY))
    await carried_through(transactions, rulebook)
    rows = await recorded(
        transactions,
        "SELECT act, actor, reason IS NOT NULL, after->>'version', after->>'moved' "
        "FROM audit_log WHERE subject = 'calendar:scotland' ORDER BY position",
    )
    assert rows == [
        ("calendar.corrected", "officer-1", True, "2", None),
        ("calendar.recomputed", "deadlines", False, "2", "1"),
    ]
    async with transactions.begin() as tx:
        assert await first_broken(tx.session) is None


async def test_a_clock_that_was_met_keeps_the_version_it_was_judged_by(
    transactions: Transactions, rulebook: Rulebook
) -> None:
    await begun(transactions, rulebook)
    async with transactions.begin() as tx:
        await complete_obligation(tx, rulebook, CASE, Completion("report", NOW), NOW)
    await changed(transactions, rulebook, csv_of(HOLIDAY))
    await carried_through(transactions, rulebook)
    found = (await shown(transactions, rulebook))[CASE].clock
    assert (found.counted.due_on, found.calendar and found.calendar.version) == (DUE, "1")
    assert await news(transactions) == []


async def test_a_clock_that_runs_again_counts_by_the_version_in_force(
    transactions: Transactions, rulebook: Rulebook
) -> None:
    await begun(transactions, rulebook)
    async with transactions.begin() as tx:
        decided = Decision("learning-review", NOW)
        await apply_decision(tx, rulebook, CASE, decided, NOW)
    await changed(transactions, rulebook, csv_of(HOLIDAY))
    await carried_through(transactions, rulebook)
    assert await due(transactions, rulebook) == DUE
    later = NOW + timedelta(hours=1)
    async with transactions.begin() as tx:
        decided = Decision("no-learning-review", later)
        await apply_decision(tx, rulebook, CASE, decided, later)
    assert await due(transactions, rulebook) == DAY_LATER


async def test_an_areas_first_calendar_moves_its_clocks_and_no_others(
    transactions: Transactions, rulebook: Rulebook
) -> None:
    await begun(transactions, rulebook, "fife", area=FIFE)
    await begun(transactions, rulebook, "aberdeen", area=ABERDEEN)
    await changed(transactions, rulebook, csv_of(HOLIDAY), FIFE)
    await carried_through(transactions, rulebook)
    found = await shown(transactions, rulebook)
    assert found["fife"].clock.counted.due_on == DAY_LATER
    assert found["fife"].listed.case.pins[REPORT] == Pin(FIFE, "1")
    assert found["aberdeen"].clock.counted.due_on == DUE
    assert found["aberdeen"].listed.case.pins[REPORT] == Pin("scotland", "1")


async def test_a_correction_leaves_alone_an_area_that_has_the_day_already(
    transactions: Transactions, rulebook: Rulebook
) -> None:
    await changed(transactions, rulebook, csv_of(HOLIDAY), FIFE)
    await begun(transactions, rulebook)
    await changed(transactions, rulebook, csv_of(HOLIDAY))
    await carried_through(transactions, rulebook)
    assert await due(transactions, rulebook) == DAY_LATER


async def test_a_holiday_taken_back_brings_the_clock_back(
    transactions: Transactions, rulebook: Rulebook
) -> None:
    await begun(transactions, rulebook)
    await changed(transactions, rulebook, csv_of(HOLIDAY, NEXT_DAY))
    await carried_through(transactions, rulebook)
    await changed(transactions, rulebook, csv_of(HOLIDAY, NEXT_DAY, kind="worked"))
    await carried_through(transactions, rulebook)
    assert await due(transactions, rulebook) == DUE
    assert [event["due_on"] for event in await news(transactions)] == ["2026-02-26", "2026-02-24"]


async def test_what_a_correction_makes_overdue_is_told_at_once(
    transactions: Transactions, rulebook: Rulebook
) -> None:
    await begun(transactions, rulebook)
    await changed(transactions, rulebook, csv_of(HOLIDAY))
    late = NOW.replace(day=25)
    await carried_through(transactions, rulebook)
    await changed(transactions, rulebook, csv_of(HOLIDAY, kind="worked"), now=late)
    await carried_through(transactions, rulebook, late)
    rows = [short(row.type) for row in await published(transactions)]
    assert rows[-3:] == ["clock.recomputed", "clock.due-soon", "clock.overdue"]


async def test_a_correction_that_was_interrupted_goes_on_where_it_stood(
    transactions: Transactions, rulebook: Rulebook
) -> None:
    for number in range(5):
        await begun(transactions, rulebook, f"case-{number}")
    await changed(transactions, rulebook, csv_of(HOLIDAY))
    async with transactions.begin() as tx:
        assert await carry_through_correction(tx, rulebook, NOW, 2)
    assert len(await news(transactions)) == 2
    await carried_through(transactions, working_day_rulebook(), batch=2)
    assert len(await news(transactions)) == 5
    rows = await recorded(
        transactions, "SELECT examined, moved, ended_at IS NOT NULL FROM calendar_corrections"
    )
    assert rows == [(5, 5, True)]


async def test_the_parts_of_a_correction_are_carried_through_by_several_at_once(
    transactions: Transactions, rulebook: Rulebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_calendar, "PART", 3)
    for number in range(7):
        await begun(transactions, rulebook, f"case-{number}")
    await changed(transactions, rulebook, csv_of(HOLIDAY))
    ends = await recorded(
        transactions, "SELECT behind, until FROM calendar_correction_parts ORDER BY number"
    )
    assert len(ends) == 3
    assert ends[0][0] == ""
    assert [until for _, until in ends] == [*(behind for behind, _ in ends[1:]), None]
    async with transactions.begin() as one, transactions.begin() as other:
        taken = [await claim_part(tx.session) for tx in (one, other)]
        assert [part and part.number for part in taken] == [0, 1]
    await asyncio.gather(
        *(carried_through(transactions, working_day_rulebook(), batch=2) for _ in range(2))
    )
    assert sorted(event["reference"] for event in await news(transactions)) == [
        f"SN-case-{number}" for number in range(7)
    ]
    rows = await recorded(
        transactions, "SELECT examined, moved, ended_at IS NOT NULL FROM calendar_corrections"
    )
    assert rows == [(7, 7, True)]
    ended = "SELECT count(*) FROM audit_log WHERE act = 'calendar.recomputed'"
    assert await recorded(transactions, ended) == [(1,)]


async def test_a_due_date_that_a_correction_moves_out_of_a_regime_is_not_discussed_any_more(
    transactions: Transactions, rulebook: Rulebook
) -> None:
    await begun(transactions, rulebook)
    ends = DUE + timedelta(days=1)
    async with transactions.begin() as tx:
        asked = regime(starts=date(2026, 2, 1), ends=ends, extensions=())
        await declare_regime(tx, rulebook, asked, CHIEF, NOW)
    discussed = f"SELECT due_on, discuss FROM clocks WHERE rule = '{REPORT}'"
    assert await recorded(transactions, discussed) == [(DUE, True)]
    await changed(transactions, rulebook, csv_of(HOLIDAY))
    await carried_through(transactions, rulebook)
    assert await recorded(transactions, discussed) == [(DAY_LATER, False)]
    await changed(transactions, rulebook, csv_of(HOLIDAY, kind="worked"))
    await carried_through(transactions, rulebook)
    assert await recorded(transactions, discussed) == [(DUE, True)]


async def test_an_area_with_days_of_its_own_follows_a_correction_of_scotlands(
    transactions: Transactions, rulebook: Rulebook
) -> None:
    await changed(transactions, rulebook, csv_of(NEXT_DAY), calendar=FIFE)
    await begun(transactions, rulebook)
    await begun(transactions, rulebook, "elsewhere", area=ABERDEEN)
    assert await due(transactions, rulebook) == DAY_LATER
    async with transactions.begin() as tx:
        await read_newest(tx.session, rulebook.shelf)
        wanted = Import("scotland", read_csv(csv_of(HOLIDAY)), Mode.CHANGES, "csv")
        foreseen = await preview_correction(tx, rulebook, propose(rulebook, wanted), NOW, 10)
    assert dict(foreseen.by_area) == {FIFE: 1, ABERDEEN: 1}
    await changed(transactions, rulebook, csv_of(HOLIDAY))
    await carried_through(transactions, rulebook)
    assert await due(transactions, rulebook) == DAY_LATER + timedelta(days=1)
    assert await due(transactions, rulebook, "elsewhere") == DAY_LATER
    versions = "SELECT version, source, reason <> '' FROM calendar_versions WHERE calendar = '{}'"
    assert await recorded(transactions, versions.format(FIFE) + " ORDER BY version") == [
        (1, "csv", True),
        (2, "scotland", True),
    ]
    audited = f"SELECT count(*) FROM audit_log WHERE subject = 'calendar:{FIFE}'"
    assert await recorded(transactions, audited) == [(3,)]
    # What Scotland takes back again leaves the area with the day of its own.
    await changed(transactions, rulebook, csv_of(HOLIDAY, NEXT_DAY, kind="worked"))
    await carried_through(transactions, rulebook)
    assert await due(transactions, rulebook) == DAY_LATER
    assert await due(transactions, rulebook, "elsewhere") == DUE


async def test_two_corrections_at_once_move_a_clock_once_to_the_newest(
    transactions: Transactions, rulebook: Rulebook
) -> None:
    await begun(transactions, rulebook)
    await changed(transactions, rulebook, csv_of(HOLIDAY))
    await changed(transactions, rulebook, csv_of(NEXT_DAY))
    await carried_through(transactions, rulebook)
    assert [event["due_on"] for event in await news(transactions)] == ["2026-02-26"]


async def test_two_corrections_that_end_at_once_are_both_in_the_trail(
    transactions: Transactions, rulebook: Rulebook
) -> None:
    await changed(transactions, rulebook, csv_of(HOLIDAY))
    await changed(transactions, rulebook, csv_of(NEXT_DAY))
    for _ in range(2):
        async with transactions.begin() as tx:
            assert await carry_through_correction(tx, rulebook, NOW, 2)

    async def end() -> None:
        async with transactions.begin() as tx:
            assert await end_correction(tx, NOW)

    async with transactions.begin() as tx:
        assert await end_correction(tx, NOW)
        ending = asyncio.create_task(end())
        await waiting_for_a_lock(transactions)
    await ending
    ended = "SELECT count(*) FROM audit_log WHERE act = 'calendar.recomputed'"
    assert await recorded(transactions, ended) == [(2,)]
    async with transactions.begin() as tx:
        assert await first_broken(tx.session) is None


async def test_every_process_counts_by_the_version_in_force_from_its_commit_on(
    transactions: Transactions, rulebook: Rulebook
) -> None:
    elsewhere = working_day_rulebook()
    await changed(transactions, rulebook, csv_of(HOLIDAY))
    assert elsewhere.calendars.by_id["scotland"].version == "1"
    await begun(transactions, elsewhere)
    assert await due(transactions, elsewhere) == DAY_LATER
    # A third process meets a version it has never read.
    assert await due(transactions, working_day_rulebook()) == DAY_LATER


async def test_no_case_begins_by_a_version_while_another_comes_into_force(
    transactions: Transactions, rulebook: Rulebook
) -> None:
    elsewhere = working_day_rulebook()
    async with transactions.begin() as tx:
        await in_force_alone(tx, rulebook)
        beginning = asyncio.create_task(begun(transactions, elsewhere))
        await waiting_for_a_lock(transactions)
        assert not beginning.done()
    await changed(transactions, rulebook, csv_of(HOLIDAY))
    await beginning
    await carried_through(transactions, rulebook)
    assert await due(transactions, elsewhere) == DAY_LATER


async def waiting_for_a_lock(transactions: Transactions) -> None:
    """Until somebody waits for the advisory lock."""
    asked = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    for _ in range(1000):
        if (await recorded(transactions, asked))[0][0]:
            return
        await asyncio.sleep(0.02)
    raise TimeoutError("nobody waits")


async def test_a_preview_tells_what_would_move_and_changes_nothing(
    transactions: Transactions, rulebook: Rulebook
) -> None:
    await begun(transactions, rulebook, "soon")
    await begun(transactions, rulebook, "later", occurred_at=RECEIVED.replace(month=1, day=5))
    async with transactions.begin() as tx:
        await read_newest(tx.session, rulebook.shelf)
        wanted = Import("scotland", read_csv(csv_of(HOLIDAY)), Mode.CHANGES, "csv")
        proposal = propose(rulebook, wanted)
        found = await preview_correction(tx, rulebook, proposal, NOW, 10)
    assert (found.moved, dict(found.by_days), dict(found.by_area)) == (1, {1: 1}, {FIFE: 1})
    assert [case.id for case, _ in found.first] == ["soon"]
    assert await due(transactions, rulebook, "soon") == DUE
    assert await recorded(transactions, "SELECT count(*) FROM calendar_versions") == [(1,)]


async def test_a_calendar_that_says_the_same_is_refused(
    transactions: Transactions, rulebook: Rulebook
) -> None:
    await changed(transactions, rulebook, csv_of(HOLIDAY))
    with pytest.raises(Conflict, match="says the same"):
        await changed(transactions, rulebook, csv_of(HOLIDAY))
