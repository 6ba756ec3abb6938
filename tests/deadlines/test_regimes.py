"""An emergency regime reaches what runs and what is still to come, and can be undone."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.deadlines.domain.clock import Breach
from services.deadlines.domain.explanation import explain
from services.deadlines.domain.facts import Extension
from services.deadlines.domain.states import State
from services.deadlines.use_cases.declare_regime import declare_regime, preview_regime
from shared.access.principal import Principal, Role
from shared.errors import Conflict, Invalid
from shared.transaction import Transactions
from tests.deadlines.acting_kit import (
    CHIEF,
    NOW,
    REPORT,
    declared,
    ended,
    extended,
    regime,
    rows,
    stands,
    undeclared,
)
from tests.deadlines.builders import (
    DIED,
    RULEBOOK,
    published,
    short,
    started,
    submitted,
    swept,
    told,
)

DUE = date(2026, 3, 10)
LATER = DUE + timedelta(days=14)


async def test_a_regime_extends_what_runs_in_it_in_one_audited_act(
    transactions: Transactions,
) -> None:
    for number in range(3):
        await started(transactions, case=f"case-{number}", reference=f"SN-2026-00000{number}")
    _, reach = await declared(transactions)
    assert (reach.cases, reach.clocks) == (3, 3)
    for number in range(3):
        clock = await stands(transactions, case=f"case-{number}")
        assert clock.counted.due_on == LATER
    assert await rows(transactions, "SELECT 1 FROM audit_log WHERE act = 'regime.declared'") == [
        (1,)
    ]
    (turn, *others) = await rows(transactions, "SELECT because, due_on_after FROM turns")
    assert (tuple(turn), len(others)) == (("regime-declared", LATER), 2)


async def test_its_preview_touches_the_same_and_changes_nothing(
    transactions: Transactions,
) -> None:
    await started(transactions)
    before = await told(transactions)
    async with transactions.begin() as tx:
        foreseen = await preview_regime(tx, RULEBOOK, regime(), CHIEF, NOW)
    assert (await stands(transactions)).counted.due_on == DUE
    assert await told(transactions) == before
    _, reach = await declared(transactions)
    assert (foreseen.cases, foreseen.clocks) == (reach.cases, reach.clocks)
    assert [one.after.due_at for one in foreseen.shown] == [one.after.due_at for one in reach.shown]


async def test_what_is_notified_in_the_period_is_under_the_regime_from_its_start(
    transactions: Transactions,
) -> None:
    await declared(transactions)
    await started(transactions)
    assert (await stands(transactions)).counted.due_on == LATER
    assert ("clock.recomputed", REPORT) not in await told(transactions)


async def test_another_kind_area_or_time_is_not_touched(transactions: Transactions) -> None:
    await started(transactions)
    others: list[dict[str, Any]] = [
        {"kinds": ("death-aftercare",)},
        {"areas": ("S12000033",)},
        {"starts": date(2026, 3, 11), "ends": None},
        {"starts": date(2026, 1, 1), "ends": date(2026, 2, 10)},
    ]
    for elsewhere in others:
        _, reach = await declared(transactions, **elsewhere)
        assert reach.clocks == 0
    assert (await stands(transactions)).counted.due_on == DUE


async def test_what_was_over_before_the_regime_began_is_left_alone(
    transactions: Transactions,
) -> None:
    await started(transactions)
    await submitted(transactions, datetime(2026, 2, 12, 9, tzinfo=UTC))
    _, reach = await declared(transactions, starts=date(2026, 2, 13))
    assert reach.clocks == 0


async def test_a_breach_within_it_is_discussed_and_one_after_it_was_missed(
    transactions: Transactions,
) -> None:
    await started(transactions)
    end = datetime(2026, 4, 2, tzinfo=UTC)
    await swept(transactions, end)
    assert (await stands(transactions, now=end)).breach is Breach.MISSED
    regime_id, _ = await declared(transactions, extensions=(), now=end)
    clock = await stands(transactions, now=end)
    assert (clock.state, clock.breach) == (State.OVERDUE, Breach.DISCUSS)
    assert (
        await rows(transactions, "SELECT rule FROM clocks WHERE discuss AND state = 'overdue'")
    ) == [(REPORT,)]
    await ended(transactions, regime_id, date(2026, 3, 5), now=end)
    assert (await stands(transactions, now=end)).breach is Breach.MISSED


async def test_a_late_report_within_it_is_discussed(transactions: Transactions) -> None:
    await declared(transactions, extensions=())
    await started(transactions)
    await submitted(transactions, datetime(2026, 3, 20, 9, tzinfo=UTC))
    clock = await stands(transactions, now=datetime(2026, 3, 21, tzinfo=UTC))
    assert (clock.state, clock.breach) == (State.MET_LATE, Breach.DISCUSS)


async def test_the_regime_is_in_every_explanation_it_touched_and_in_no_other(
    transactions: Transactions,
) -> None:
    await declared(transactions)
    await started(transactions)
    said = explain(await stands(transactions))
    assert "by 14 calendar days by the emergency regime Covid-19, which makes 42" in said
    assert "discussed, not missed" in said
    await started(
        transactions,
        case="later",
        reference="SN-2026-000002",
        occurred_at=datetime(2026, 6, 1, 12, tzinfo=UTC),
        aware_at=datetime(2026, 6, 1, 12, tzinfo=UTC),
        received_at=datetime(2026, 6, 1, 13, tzinfo=UTC),
        now=datetime(2026, 6, 1, 13, tzinfo=UTC),
    )
    assert "Covid" not in explain(await stands(transactions, case="later"))


async def test_a_withdrawn_regime_leaves_every_clock_as_it_was(transactions: Transactions) -> None:
    await started(transactions)
    before = await stands(transactions)
    regime_id, _ = await declared(transactions)
    reach = await undeclared(transactions, regime_id)
    assert reach.clocks == 1
    assert await stands(transactions) == before
    with pytest.raises(Conflict):
        await undeclared(transactions, regime_id)
    events = [short(event.type) for event in await published(transactions)]
    assert events[-2:] == ["clock.recomputed", "regime.withdrawn"]


async def test_regimes_and_extensions_come_to_the_same_in_either_order(
    transactions: Transactions,
) -> None:
    second = {"name": "Winter", "starts": date(2026, 3, 20), "ends": date(2026, 4, 20)}
    await started(transactions)
    await declared(transactions)
    await declared(transactions, **second)
    await extended(transactions, 3)
    one = (await stands(transactions)).counted.due_on
    await started(transactions, case="other", reference="SN-2026-000002")
    other = (await stands(transactions, case="other")).counted.due_on
    assert one == LATER + timedelta(days=14 + 3)
    assert other == LATER + timedelta(days=14)


async def test_a_regime_that_makes_no_sense_is_named_by_field(transactions: Transactions) -> None:
    wrong = regime(
        name=" ",
        kinds=("death",),
        areas=("E1",),
        ends=date(2026, 2, 1),
        extensions=(Extension("report", 0), Extension("party", 1)),
        reason="so",
    )
    async with transactions.begin() as tx:
        with pytest.raises(Invalid) as refused:
            await declare_regime(tx, RULEBOOK, wrong, CHIEF, NOW)
    assert [error.field for error in refused.value.errors] == [
        "name",
        "until",
        "kinds[0]",
        "areas[0]",
        "extensions[0].obligation",
        "extensions[0].amount",
        "extensions[1].obligation",
        "reason",
    ]


async def test_a_chief_of_some_areas_declares_for_those_alone(transactions: Transactions) -> None:
    fife = Principal("c", "C", frozenset({Role.CHIEF_INSPECTOR}), frozenset({"S12000047"}))
    async with transactions.begin() as tx:
        for areas in ((), ("S12000033",), ("S12000047", "S12000033")):
            with pytest.raises(Invalid, match="areas"):
                await declare_regime(tx, RULEBOOK, regime(areas=areas), fife, NOW)
        await declare_regime(tx, RULEBOOK, regime(areas=("S12000047",)), fife, NOW)


async def test_many_cases_are_reached_batch_by_batch(
    transactions: Transactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.deadlines.use_cases.reach_of_regime.BATCH", 2)
    for number in range(5):
        await started(transactions, case=f"case-{number}", reference=f"SN-2026-00000{number}")
    _, reach = await declared(transactions)
    assert (reach.cases, reach.clocks) == (5, 5)
    assert DIED < NOW
