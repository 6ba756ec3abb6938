"""Clocks are extended, paused, resumed, and all of it undone: audited, told, in any order."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import text

from services.deadlines.domain.states import State
from shared.access.principal import Principal, Role
from shared.audit import first_broken
from shared.errors import Conflict, Invalid, NotFound
from shared.transaction import Transactions
from tests.deadlines.acting_kit import (
    CHIEF,
    INSPECTOR,
    NOW,
    REPORT,
    by,
    extended,
    paused,
    resumed,
    rows,
    stands,
    withdrawn,
)
from tests.deadlines.builders import decided, published, short, started, submitted, told

DUE = date(2026, 3, 10)


def after(days: int) -> date:
    return DUE + timedelta(days=days)


async def due(transactions: Transactions, rule: str = REPORT) -> date | None:
    return (await stands(transactions, rule)).counted.due_on


async def test_extensions_add_up_and_each_is_withdrawn_by_itself(
    transactions: Transactions,
) -> None:
    await started(transactions)
    first = await extended(transactions, 7)
    second = await extended(transactions, 3)
    assert await due(transactions) == after(10)
    await withdrawn(transactions, first.id)
    assert await due(transactions) == after(3)
    await withdrawn(transactions, second.id)
    assert await due(transactions) == DUE


async def test_a_paused_clock_counts_again_from_the_day_it_is_resumed(
    transactions: Transactions,
) -> None:
    await started(transactions)
    pause = await paused(transactions, date(2026, 2, 16), None)
    assert (await stands(transactions)).state is State.PAUSED
    assert await due(transactions) is None
    await resumed(transactions, pause.id, date(2026, 2, 19))
    assert await due(transactions) == after(3)


async def test_undoing_a_resumption_lets_the_pause_last_and_undoing_the_pause_ends_both(
    transactions: Transactions,
) -> None:
    await started(transactions)
    pause = await paused(transactions, date(2026, 2, 16), None)
    resumption = await resumed(transactions, pause.id, date(2026, 2, 19))
    await withdrawn(transactions, resumption.id)
    assert await due(transactions) is None
    await withdrawn(transactions, pause.id)
    assert await due(transactions) == DUE


async def test_in_whatever_order_acts_are_done_they_come_to_the_same(
    transactions: Transactions,
) -> None:
    async def first() -> None:
        await extended(transactions, 5)

    async def second() -> None:
        await paused(transactions, date(2026, 2, 12), date(2026, 2, 15))

    async def third() -> None:
        act = await paused(transactions, date(2026, 2, 14), date(2026, 2, 18))
        await withdrawn(transactions, act.id)
        await paused(transactions, date(2026, 2, 14), date(2026, 2, 17))

    acts: list[Callable[[], Awaitable[Any]]] = [first, second, third]
    found: set[Any] = set()
    for order in permutations(acts):
        await rows_gone(transactions)
        await started(transactions)
        for act in order:
            await act()
        clock = await stands(transactions)
        found.add((clock.counted, clock.state))
    assert len(found) == 1
    assert found.pop()[0].due_on == after(5 + 5)


async def rows_gone(transactions: Transactions) -> None:
    async with transactions.begin() as tx:
        for table in ("turns", "acts", "reminders", "mails", "clocks", "cases", "outbox"):
            await tx.session.execute(text(f"DELETE FROM {table}"))


async def test_an_act_holds_for_every_wording_of_the_obligation_in_its_own_unit(
    transactions: Transactions,
) -> None:
    await started(transactions)
    hours = (await stands(transactions, "lac-notify-24h")).due_at
    await extended(transactions, 2, "lac-notify-24h")
    moved = await stands(transactions, "lac-notify-24h")
    assert hours is not None
    assert moved.due_at == hours + timedelta(hours=2)
    assert await due(transactions, "lac-notify-one-working-day") == date(2026, 2, 13)


async def test_every_act_is_told_with_what_it_moved(transactions: Transactions) -> None:
    await started(transactions)
    before = len(await told(transactions))
    act = await extended(transactions, 7)
    events = (await published(transactions))[before:]
    assert [short(event.type) for event in events] == ["clock.extended", "clock.recomputed"]
    assert b'"due_on_before":"2026-03-10"' in events[1].body
    assert b'"due_on":"2026-03-17"' in events[1].body
    assert act.id.encode() in events[0].body
    assert [event.sequence for event in events] == [before + 1, before + 2]
    assert all(b"police" not in event.body for event in events)


async def test_every_act_is_in_the_audit_trail_with_its_reason(
    transactions: Transactions,
) -> None:
    await started(transactions)
    act = await extended(transactions, 7)
    await withdrawn(transactions, act.id)
    found = await rows(transactions, "SELECT act, actor, reason, after FROM audit_log")
    assert [(row.act, row.actor) for row in found] == [
        ("clock.extended", "chief-1"),
        ("clock.withdrawn", "chief-1"),
    ]
    assert found[0].after["due_at"] == "2026-03-18T00:00:00+00:00"
    assert all(row.reason for row in found)
    async with transactions.begin() as tx:
        assert await first_broken(tx.session) is None


async def test_the_history_keeps_before_and_after(transactions: Transactions) -> None:
    await started(transactions)
    act = await extended(transactions, 7)
    (turn,) = await rows(transactions, "SELECT * FROM turns")
    assert (turn.because, turn.act) == ("extended", act.id)
    assert (turn.due_on_before, turn.due_on_after) == (DUE, after(7))


async def test_an_inspector_extends_as_far_as_the_rule_lets_them(
    transactions: Transactions,
) -> None:
    await started(transactions)
    alone = by(INSPECTOR)
    await extended(transactions, 27, who=alone)
    with pytest.raises(Invalid, match=r"28 calendar days.*lac-report-28d.*27 are given"):
        await extended(transactions, 2, who=alone)
    await extended(transactions, 1, who=alone)
    await extended(transactions, 100, who=by(CHIEF))


async def test_a_withdrawn_extension_counts_towards_no_limit(transactions: Transactions) -> None:
    await started(transactions)
    act = await extended(transactions, 28, who=by(INSPECTOR))
    await withdrawn(transactions, act.id, who=by(INSPECTOR))
    await extended(transactions, 28, who=by(INSPECTOR))


async def test_an_inspector_dates_a_pause_back_as_far_as_the_rule_lets_them(
    transactions: Transactions,
) -> None:
    await started(transactions)
    late = by(INSPECTOR, datetime(2026, 3, 2, 12, tzinfo=UTC))
    with pytest.raises(Invalid, match=r"from: .*14 days back"):
        await paused(transactions, date(2026, 2, 15), None, who=late)
    pause = await paused(transactions, date(2026, 2, 16), None, who=late)
    later = by(INSPECTOR, datetime(2026, 3, 9, 12, tzinfo=UTC))
    with pytest.raises(Invalid, match=r"until: .*14 days back"):
        await resumed(transactions, pause.id, date(2026, 2, 22), who=later)
    with pytest.raises(Invalid, match="must not be in the future"):
        await resumed(transactions, pause.id, date(2026, 3, 10), who=later)
    await resumed(transactions, pause.id, None, who=later)


@pytest.mark.parametrize("amount", [0, -1, 10_001])
async def test_no_sensible_extension_is_named(transactions: Transactions, amount: int) -> None:
    await started(transactions)
    with pytest.raises(Invalid, match="amount"):
        await extended(transactions, amount)


async def test_an_extension_needs_somebody_who_agreed_and_every_act_a_reason(
    transactions: Transactions,
) -> None:
    await started(transactions)
    with pytest.raises(Invalid, match="agreed_by"):
        await extended(transactions, 1, who=by(agreed_by=None))
    silent = by()
    with pytest.raises(Invalid, match="reason"):
        await extended(transactions, 1, who=type(silent)(silent.principal, NOW, "so", "chief"))


async def test_what_sets_no_number_can_be_neither_extended_nor_paused(
    transactions: Transactions,
) -> None:
    await started(transactions)
    with pytest.raises(Conflict, match="sets no number"):
        await extended(transactions, 1, "lac-notify-immediately")
    with pytest.raises(Conflict, match="sets no number"):
        await paused(transactions, None, None, "lac-notify-immediately")


async def test_a_clock_elsewhere_does_not_exist_for_who_acts(transactions: Transactions) -> None:
    await started(transactions)
    areas = frozenset({"S12000033"})
    other = Principal("other", "Other", frozenset({Role.STRATEGIC_INSPECTOR}), areas)
    with pytest.raises(NotFound):
        await extended(transactions, 1, who=by(other))


async def test_a_withdrawal_is_not_withdrawn_and_nothing_twice(
    transactions: Transactions,
) -> None:
    await started(transactions)
    act = await extended(transactions, 1)
    undone = await withdrawn(transactions, act.id)
    for again in (act.id, undone.id):
        with pytest.raises(Conflict):
            await withdrawn(transactions, again)
    with pytest.raises(NotFound):
        await withdrawn(transactions, "nothing")


async def test_a_pause_is_ended_once_and_not_after_its_own_end(
    transactions: Transactions,
) -> None:
    await started(transactions)
    fixed = await paused(transactions, date(2026, 2, 16), date(2026, 2, 18))
    with pytest.raises(Conflict, match="ends by itself"):
        await resumed(transactions, fixed.id, date(2026, 2, 18))
    await resumed(transactions, fixed.id, date(2026, 2, 17))
    with pytest.raises(Conflict, match="ended already"):
        await resumed(transactions, fixed.id, date(2026, 2, 16))
    assert await due(transactions) == after(1)


async def test_an_extension_puts_a_met_late_report_in_time_and_says_so(
    transactions: Transactions,
) -> None:
    await started(transactions)
    await submitted(transactions, datetime(2026, 3, 12, 9, tzinfo=UTC))
    late = by(CHIEF, datetime(2026, 3, 13, 9, tzinfo=UTC))
    await extended(transactions, 7, who=late)
    (turn,) = await rows(transactions, "SELECT state_before, state_after FROM turns")
    assert tuple(turn) == ("met_late", "met")
    (stored,) = await rows(
        transactions, f"SELECT state, outcome FROM clocks WHERE rule = '{REPORT}'"
    )
    assert tuple(stored) == ("met", "in-time")


async def test_acts_and_decisions_live_beside_each_other(transactions: Transactions) -> None:
    await started(transactions)
    await extended(transactions, 7)
    await decided(transactions, "learning-review", NOW + timedelta(hours=1))
    await decided(transactions, "no-learning-review", NOW + timedelta(hours=2))
    assert await due(transactions) == after(7)
