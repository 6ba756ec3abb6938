"""What inspections does, on a real PostgreSQL: kept, published, audited, and numbered once."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from services.inspections.domain.inspection import Inspection
from services.inspections.domain.plan import Proposal
from services.inspections.domain.vocabulary import Status, Theme
from services.inspections.storage.inspections import Which
from services.inspections.use_cases.cancel_inspection import cancel_inspection
from services.inspections.use_cases.change_inspection import change_inspection
from services.inspections.use_cases.list_inspections import list_inspections
from services.inspections.use_cases.plan_inspection import plan_inspection
from services.inspections.use_cases.show_inspection import show_inspection
from shared.audit import first_broken
from shared.errors import Conflict, Invalid, NotFound
from shared.transaction import Transactions
from tests.inspections.builders import FIFE, NOW, STIRLING, a_proposal

REASON = "The partnership asked for it."
OUTBOX = text(
    "SELECT type, key, sequence, subject, convert_from(body, 'UTF8') AS body"
    " FROM outbox ORDER BY position"
)


async def planned(transactions: Transactions, now: datetime = NOW, **given: Any) -> Inspection:
    async with transactions.begin() as tx:
        return await plan_inspection(tx, a_proposal(**given), actor="t", now=now)


async def changed(transactions: Transactions, reference: str, proposal: Proposal) -> Inspection:
    async with transactions.begin() as tx:
        return await change_inspection(
            tx, reference, proposal, permit=lambda _: None, actor="t", now=NOW
        )


async def cancelled(transactions: Transactions, reference: str) -> Inspection:
    async with transactions.begin() as tx:
        return await cancel_inspection(
            tx, reference, REASON, permit=lambda _: None, actor="t", now=NOW
        )


async def outbox(transactions: Transactions) -> list[Any]:
    async with transactions.begin() as tx:
        return list(await tx.session.execute(OUTBOX))


async def found(transactions: Transactions, which: Which) -> list[str]:
    async with transactions.begin() as tx:
        return [each.reference for each in await list_inspections(tx, which, "", 50)]


async def test_an_inspection_lives_through_its_events_in_order(
    transactions: Transactions,
) -> None:
    made = await planned(transactions)
    await changed(transactions, made.reference, a_proposal(areas=(STIRLING,)))
    await cancelled(transactions, made.reference)
    events = await outbox(transactions)
    assert [each.type.split(".")[3] for each in events] == ["planned", "changed", "cancelled"]
    assert [(each.key, each.sequence) for each in events] == [(made.id, n) for n in (1, 2, 3)]
    assert {each.subject for each in events} == {made.reference}
    assert msgspec.json.decode(events[1].body)["changed"] == ["areas"]


async def test_why_it_was_cancelled_stays_in_the_service(transactions: Transactions) -> None:
    made = await planned(transactions)
    await cancelled(transactions, made.reference)
    async with transactions.begin() as tx:
        seen = await show_inspection(tx, made.reference, None)
        audit = (await tx.session.execute(text("SELECT * FROM audit_log"))).all()
        assert await first_broken(tx.session) is None
    assert seen.inspection.cancelled_reason == REASON
    assert REASON not in str(await outbox(transactions)) + str(audit)
    assert [row.act for row in audit] == ["inspection planned", "inspection cancelled"]


async def test_what_was_kept_is_read_as_it_was_planned(transactions: Transactions) -> None:
    footprint = "adult-support-and-protection-phase-1"
    made = await planned(transactions, footprint=footprint, title="Adults", areas=(FIFE, STIRLING))
    async with transactions.begin() as tx:
        assert (await show_inspection(tx, made.reference, None)).inspection == made


async def test_many_at_once_get_references_without_gaps(transactions: Transactions) -> None:
    made = await asyncio.gather(*(planned(transactions) for _ in range(8)))
    assert sorted(each.reference for each in made) == [f"JI-2026-000{n}" for n in range(1, 9)]


async def test_a_refused_plan_uses_no_number(transactions: Transactions) -> None:
    with pytest.raises(Invalid):
        await planned(transactions, areas=())
    assert (await planned(transactions)).reference == "JI-2026-0001"


async def test_references_start_anew_each_year(transactions: Transactions) -> None:
    last_minute = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
    assert (await planned(transactions, last_minute)).reference == "JI-2026-0001"
    assert (await planned(transactions, datetime(2027, 1, 1, tzinfo=UTC))).reference == (
        "JI-2027-0001"
    )


async def test_of_two_changes_at_once_the_second_sees_the_first(
    transactions: Transactions,
) -> None:
    made = await planned(transactions)
    seen: list[int] = []

    async def rename(title: str) -> None:
        async with transactions.begin() as tx:
            await change_inspection(
                tx,
                made.reference,
                a_proposal(title=title),
                permit=lambda inspection: seen.append(inspection.version),
                actor="t",
                now=NOW,
            )

    await asyncio.gather(*(rename(f"Title {number}") for number in range(4)))
    assert seen == [1, 2, 3, 4]
    assert [each.sequence for each in await outbox(transactions)] == [1, 2, 3, 4, 5]


async def test_a_change_that_changes_nothing_is_no_event(transactions: Transactions) -> None:
    made = await planned(transactions)
    same = await changed(transactions, made.reference, a_proposal())
    assert same.version == 1
    assert len(await outbox(transactions)) == 1


async def test_a_cancelled_inspection_is_not_changed(transactions: Transactions) -> None:
    made = await planned(transactions)
    await cancelled(transactions, made.reference)
    with pytest.raises(Conflict):
        await changed(transactions, made.reference, a_proposal(title="Again"))
    with pytest.raises(NotFound):
        await cancelled(transactions, "JI-2026-9999")


async def test_inspections_are_found_by_what_they_are(transactions: Transactions) -> None:
    fife = (await planned(transactions)).reference
    stirling = (await planned(transactions, areas=(STIRLING,))).reference
    everywhere = (await planned(transactions, scope="national", areas=())).reference
    await cancelled(transactions, stirling)
    everything = [fife, stirling, everywhere]
    for which, references in (
        (Which(), everything),
        (Which(theme=Theme.ADULT_PROTECTION), everything),
        (Which(theme=Theme.CRIMINAL_JUSTICE), []),
        (Which(area=FIFE), [fife, everywhere]),
        (Which(status=Status.CANCELLED), [stirling]),
        (Which(first=date(2026, 5, 29)), everything),
        (Which(first=date(2026, 5, 30)), []),
        (Which(last=date(2026, 5, 1)), everything),
        (Which(last=date(2026, 4, 30)), []),
        (Which(seen_from=frozenset({STIRLING})), [stirling, everywhere]),
        (Which(seen_from=frozenset()), [everywhere]),
    ):
        assert await found(transactions, which) == references, which


async def test_clashes_are_shown_as_far_as_they_may_be_seen(transactions: Transactions) -> None:
    both = await planned(transactions, areas=(FIFE, STIRLING))
    in_fife = await planned(transactions, areas=(FIFE,))
    in_stirling = await planned(transactions, areas=(STIRLING,))
    called_off = await planned(transactions, areas=(FIFE,))
    await cancelled(transactions, called_off.reference)
    await planned(transactions, starts_on=date(2027, 1, 1), ends_on=date(2027, 2, 1))
    async with transactions.begin() as tx:
        everything = await show_inspection(tx, both.reference, None)
        from_fife = await show_inspection(tx, both.reference, frozenset({FIFE}))
        with pytest.raises(NotFound):
            await show_inspection(tx, in_stirling.reference, frozenset({FIFE}))
    shown = [clash.other.reference for clash in everything.clashes]
    assert shown == [in_fife.reference, in_stirling.reference]
    assert [clash.other.reference for clash in from_fife.clashes] == [in_fife.reference]


async def test_the_database_itself_refuses_a_plan_that_runs_backwards(
    transactions: Transactions,
) -> None:
    made = await planned(transactions)
    backwards = replace(made.plan, ends_on=date(2026, 1, 1))
    assert backwards.ends_on < backwards.starts_on
    with pytest.raises(Exception, match="inspections_run_forward"):
        async with transactions.begin() as tx:
            await tx.session.execute(text("UPDATE inspections SET ends_on = '2026-01-01'"))
