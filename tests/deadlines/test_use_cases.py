"""What happens to clocks as facts arrive and time passes, on a real database."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from services.deadlines.domain.facts import Completion
from services.deadlines.storage.mail_tables import MailRow, ReminderRow
from services.deadlines.storage.tables import CaseRow, ClockRow
from services.deadlines.use_cases.complete_obligation import complete_obligation
from shared.errors import Invalid, NotFound
from shared.telemetry import attached
from shared.transaction import Transactions
from tests.deadlines.builders import (
    CASE,
    RECEIVED,
    REFERENCE,
    REPORT_DUE,
    REPORT_WARNS,
    RULEBOOK,
    TICK,
    decided,
    published,
    started,
    submitted,
    swept,
    told,
)

REPORT = "lac-report-28d"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
AFTER_START = 7  # four clocks started, and the notification met three of them


async def mails(transactions: Transactions) -> list[tuple[str, str | None]]:
    async with transactions.begin() as tx:
        rows = await tx.session.scalars(select(MailRow).order_by(col(MailRow.created_at)))
        return [(row.about, row.rule) for row in rows]


async def ledger(transactions: Transactions) -> list[tuple[str, str]]:
    async with transactions.begin() as tx:
        rows = await tx.session.scalars(select(ReminderRow).order_by(col(ReminderRow.rung)))
        return [(row.rung, row.verdict) for row in rows]


async def news(transactions: Transactions) -> list[tuple[str, str]]:
    return (await told(transactions))[AFTER_START:]


async def test_a_notification_starts_one_clock_for_every_rule_of_its_kind(
    transactions: Transactions,
) -> None:
    await started(transactions)
    assert await told(transactions) == [
        ("clock.started", "lac-notify-24h"),
        ("clock.met", "lac-notify-24h"),
        ("clock.started", "lac-notify-one-working-day"),
        ("clock.met", "lac-notify-one-working-day"),
        ("clock.started", "lac-notify-immediately"),
        ("clock.met", "lac-notify-immediately"),
        ("clock.started", REPORT),
    ]


async def test_events_of_a_case_are_numbered_without_gaps(transactions: Transactions) -> None:
    await started(transactions)
    await swept(transactions, REPORT_WARNS)
    rows = await published(transactions)
    assert [row.sequence for row in rows] == list(range(1, len(rows) + 1))
    assert {(row.key, row.subject) for row in rows} == {(CASE, REFERENCE)}


async def test_a_notification_heard_of_twice_changes_nothing(transactions: Transactions) -> None:
    await started(transactions)
    await started(transactions, RECEIVED + timedelta(days=40))
    assert len(await told(transactions)) == AFTER_START
    assert await mails(transactions) == [("notification", None)]


async def test_a_kind_without_rules_is_refused(transactions: Transactions) -> None:
    with pytest.raises(Invalid):
        await started(transactions, kind="picnic")


async def test_due_soon_and_overdue_are_told_once_and_never_early(
    transactions: Transactions,
) -> None:
    await started(transactions)
    for moment in (REPORT_WARNS - TICK, REPORT_WARNS, REPORT_WARNS + TICK, REPORT_DUE - TICK):
        await swept(transactions, moment)
    assert await news(transactions) == [("clock.due-soon", REPORT)]
    for moment in (REPORT_DUE, REPORT_DUE + TICK, REPORT_DUE + timedelta(days=400)):
        await swept(transactions, moment)
    assert await news(transactions) == [("clock.due-soon", REPORT), ("clock.overdue", REPORT)]
    assert [rung for rung, verdict in await ledger(transactions) if verdict == "told"] == [
        "due-soon",
        "last-day",
        "overdue",
        "overdue-chief",
        "overdue-support",
        "still-overdue",
    ]
    assert len(await mails(transactions)) == 7


async def test_of_rungs_that_were_missed_the_latest_on_each_side_is_told_to_each(
    transactions: Transactions,
) -> None:
    await started(transactions)
    await swept(transactions, REPORT_DUE + timedelta(days=400))
    assert await ledger(transactions) == [
        ("due-soon", "passed-over"),
        ("last-day", "told"),
        ("overdue", "passed-over"),
        ("overdue-chief", "told"),
        ("overdue-support", "told"),
        ("still-overdue", "told"),
    ]
    assert len(await mails(transactions)) == 5


async def test_a_sweep_is_not_over_for_an_overdue_clock_until_its_ladder_is(
    transactions: Transactions,
) -> None:
    await started(transactions)
    await swept(transactions, REPORT_DUE)
    days = [day for day in range(30) if await swept(transactions, REPORT_DUE + timedelta(day))]
    assert days == [3, 7, 14]


async def test_reminders_whose_hour_was_missed_are_still_told(transactions: Transactions) -> None:
    await started(transactions)
    await swept(transactions, REPORT_DUE + timedelta(days=3))
    assert await news(transactions) == [("clock.due-soon", REPORT), ("clock.overdue", REPORT)]


async def test_a_case_that_comes_after_its_due_date_was_never_due_soon(
    transactions: Transactions,
) -> None:
    await started(transactions, REPORT_DUE)
    assert await news(transactions) == [("clock.overdue", REPORT)]


async def test_a_report_meets_its_clock_and_stops_reminders(transactions: Transactions) -> None:
    await started(transactions)
    await submitted(transactions, REPORT_DUE - TICK)
    await swept(transactions, REPORT_DUE)
    assert await news(transactions) == [("clock.met", REPORT)]


async def test_a_report_at_the_due_instant_is_late(transactions: Transactions) -> None:
    await started(transactions)
    await submitted(transactions, REPORT_DUE)
    assert b'"late":true' in (await published(transactions))[-1].body


async def test_a_report_from_a_clock_ahead_of_ours_takes_effect_when_it_is_time(
    transactions: Transactions,
) -> None:
    await started(transactions)
    ahead = Completion("report", RECEIVED + timedelta(seconds=3))
    async with transactions.begin() as tx:
        await complete_obligation(tx, RULEBOOK, CASE, ahead, RECEIVED)
    assert await news(transactions) == []
    await swept(transactions, ahead.at - TICK)
    assert await news(transactions) == []
    await swept(transactions, ahead.at)
    assert await news(transactions) == [("clock.met", REPORT)]


async def test_only_the_first_report_meets_the_clock(transactions: Transactions) -> None:
    await started(transactions)
    await submitted(transactions, REPORT_WARNS)
    await submitted(transactions, REPORT_WARNS + TICK)
    assert await news(transactions) == [("clock.met", REPORT)]


async def test_a_learning_review_cancels_the_report_and_its_end_brings_it_back(
    transactions: Transactions,
) -> None:
    await started(transactions)
    await decided(transactions, "learning-review", RECEIVED + timedelta(days=1))
    assert await swept(transactions, REPORT_WARNS) == 0
    await decided(transactions, "no-learning-review", REPORT_WARNS + TICK)
    assert await news(transactions) == [
        ("clock.cancelled", REPORT),
        ("clock.reopened", REPORT),
        ("clock.due-soon", REPORT),
    ]


async def test_a_decision_starts_the_clocks_that_count_from_it(transactions: Transactions) -> None:
    await started(transactions, kind="learning-review-adult")
    assert await told(transactions) == []
    await decided(transactions, "learning-review", RECEIVED)
    assert await told(transactions) == [("clock.started", "lra-agency-reply-14d")]


async def test_facts_about_a_case_never_heard_of_are_refused(transactions: Transactions) -> None:
    with pytest.raises(NotFound):
        await submitted(transactions, RECEIVED)
    with pytest.raises(NotFound):
        await decided(transactions, "learning-review", RECEIVED)


async def test_a_decision_that_is_not_known_is_refused(transactions: Transactions) -> None:
    await started(transactions)
    with pytest.raises(Invalid):
        await decided(transactions, "perhaps", RECEIVED)


async def test_sweepers_share_what_is_due_and_nothing_is_told_twice(
    transactions: Transactions,
) -> None:
    for number in range(30):
        await started(transactions, case=f"case-{number}", reference=f"SN-{number}")
    done = await asyncio.gather(*(swept(transactions, REPORT_DUE, 10) for _ in range(6)))
    while await swept(transactions, REPORT_DUE):
        pass
    found = [kind for kind, _ in await told(transactions) if kind == "clock.overdue"]
    assert len(found) == 30
    assert sum(done) <= 30


async def test_a_sweeper_passes_over_what_another_holds(transactions: Transactions) -> None:
    await started(transactions)
    async with transactions.begin() as tx:
        await tx.session.get(CaseRow, CASE, with_for_update=True)
        assert await swept(transactions, REPORT_DUE) == 0
    assert await swept(transactions, REPORT_DUE) == 1


async def test_a_sweep_reads_what_is_due_and_not_what_is_open(transactions: Transactions) -> None:
    async with transactions.begin() as tx:
        await tx.session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = await tx.session.scalars(
            text(
                "EXPLAIN SELECT * FROM cases WHERE next_act_at <= now() "
                "ORDER BY next_act_at LIMIT 50 FOR UPDATE SKIP LOCKED"
            )
        )
        assert any("ix_cases_next_act_at" in line for line in plan)


async def test_a_case_that_cannot_be_counted_does_not_stop_the_others(
    transactions: Transactions,
) -> None:
    await started(transactions, case="broken", reference="SN-broken")
    await started(transactions)
    async with transactions.begin() as tx:
        broken = await tx.session.get_one(CaseRow, "broken")
        broken.rule_set = "a set that is gone"
    assert await swept(transactions, REPORT_WARNS, 1) == 1
    assert await swept(transactions, REPORT_WARNS, 1) == 1
    assert await swept(transactions, REPORT_WARNS, 1) == 0
    assert ("clock.due-soon", REPORT) in await told(transactions)


async def test_what_a_sweep_does_belongs_to_the_trace_the_case_began_in(
    transactions: Transactions,
) -> None:
    with attached(TRACE):
        await started(transactions)
    await swept(transactions, REPORT_DUE)
    assert {row.traceparent.split("-")[1] for row in await published(transactions)} == {
        TRACE.split("-")[1]
    }


async def test_a_case_keeps_the_rules_it_began_under(transactions: Transactions) -> None:
    await started(transactions)
    async with transactions.begin() as tx:
        assert (await tx.session.get_one(CaseRow, CASE)).rule_set == "1"


async def test_a_clock_is_the_same_clock_whenever_it_is_written(transactions: Transactions) -> None:
    await started(transactions)
    await swept(transactions, REPORT_WARNS)
    async with transactions.begin() as tx:
        rows = (await tx.session.scalars(select(ClockRow).order_by(col(ClockRow.number)))).all()
    assert [row.rule for row in rows][-1] == REPORT
    assert len(rows) == 4
