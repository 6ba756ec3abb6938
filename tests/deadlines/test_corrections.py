"""The past is put right as safely as the present is entered; a case ends, and goes on."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from services.deadlines.domain.case import Case
from services.deadlines.domain.clock import Clock
from services.deadlines.domain.explanation import explain
from services.deadlines.domain.facts import Facts, Standing, Turn
from services.deadlines.domain.states import State
from services.deadlines.use_cases.correct_date import correct_date
from services.deadlines.use_cases.ratify_review import ratify_review
from services.deadlines.use_cases.turn_case import turn_case
from shared.errors import Invalid
from shared.events.intake import DateCorrected
from shared.transaction import Transactions
from tests.deadlines.acting_kit import NOW, REPORT, declared, extended, rows, stands
from tests.deadlines.builders import (
    CASE,
    DIED,
    RECEIVED,
    REPORT_DUE,
    RULEBOOK,
    TICK,
    decided,
    published,
    short,
    started,
    submitted,
    swept,
    told,
)
from tests.deadlines.official import FIFE

DUE = date(2026, 3, 10)
EARLIER = DIED - timedelta(days=3)


def correction(field: str, before: datetime | None, after: datetime) -> DateCorrected:
    return DateCorrected(
        reference="SN-2026-000001",
        kind="death-looked-after-child",
        area=FIFE,
        field=field,
        before=before,
        after=after,
        corrected_at=NOW,
    )


async def corrected(
    transactions: Transactions, field: str, before: datetime | None, after: datetime
) -> None:
    async with transactions.begin() as tx:
        await correct_date(tx, RULEBOOK, CASE, correction(field, before, after), NOW)


async def turned(transactions: Transactions, standing: Standing, at: datetime) -> None:
    async with transactions.begin() as tx:
        await turn_case(tx, RULEBOOK, CASE, Turn(standing, at), at)


def afresh(rule: str, **facts: Any) -> Clock:
    """The clock of a case that was told rightly at once."""
    usual: dict[str, Any] = {"occurred_at": DIED, "aware_at": DIED, "received_at": RECEIVED}
    given = usual | facts
    kind = next(one.kind for one in RULEBOOK.in_force.rules if one.id == rule)
    case = Case("x", "x", kind, FIFE, RULEBOOK.in_force.version, Facts(**given), RECEIVED)
    return next(one for one in RULEBOOK.clocks(case, NOW) if one.rule.id == rule)


async def test_a_corrected_case_is_as_if_it_had_been_told_rightly_at_once(
    transactions: Transactions,
) -> None:
    await started(transactions)
    await corrected(transactions, "occurred_at", DIED, EARLIER)
    found = await stands(transactions)
    assert found.counted == afresh(REPORT, occurred_at=EARLIER).counted
    (stored,) = await rows(transactions, f"SELECT due_on FROM clocks WHERE rule = '{REPORT}'")
    assert stored.due_on == DUE - timedelta(days=3)


async def test_a_correction_tells_and_keeps_before_and_after(transactions: Transactions) -> None:
    await started(transactions)
    count = len(await published(transactions))
    await corrected(transactions, "occurred_at", DIED, EARLIER)
    events = (await published(transactions))[count:]
    moved = [msgspec.json.decode(one.body) for one in events if "recomputed" in one.type]
    assert {one["rule"] for one in moved} == {"lac-notify-24h", REPORT}
    report = next(one for one in moved if one["rule"] == REPORT)
    assert (report["due_on_before"], report["due_on"]) == ("2026-03-10", "2026-03-07")
    assert report["because"] == "date-corrected"
    turns = await rows(transactions, "SELECT facts FROM turns")
    assert all(turn.facts["field"] == "occurred_at" for turn in turns)
    assert turns[0].facts["before"] == DIED.isoformat()


async def test_a_correction_can_make_what_was_in_time_late_and_back(
    transactions: Transactions,
) -> None:
    await started(transactions)
    await corrected(transactions, "occurred_at", DIED, EARLIER)
    assert (await stands(transactions, "lac-notify-24h")).state is State.MET_LATE
    await corrected(transactions, "occurred_at", EARLIER, DIED)
    assert (await stands(transactions, "lac-notify-24h")).state is State.MET
    assert len(await rows(transactions, "SELECT 1 FROM turns WHERE because <> ''")) == 4


async def test_acts_and_regimes_stay_with_a_corrected_case(transactions: Transactions) -> None:
    await started(transactions)
    await extended(transactions, 5)
    await declared(transactions)
    await corrected(transactions, "occurred_at", DIED, EARLIER)
    due_on = (await stands(transactions)).counted.due_on
    assert due_on == DUE + timedelta(days=5 + 14 - 3)


async def test_a_date_moved_out_of_a_regime_leaves_it(transactions: Transactions) -> None:
    await started(transactions)
    await declared(transactions, starts=date(2026, 3, 9), ends=date(2026, 3, 31))
    assert (await stands(transactions)).counted.due_on == DUE + timedelta(days=14)
    await corrected(transactions, "occurred_at", DIED, EARLIER)
    assert (await stands(transactions)).counted.due_on == DUE - timedelta(days=3)


async def test_the_date_of_a_decision_is_corrected_by_what_it_was(
    transactions: Transactions,
) -> None:
    await started(transactions, kind="learning-review-adult")
    await decided(transactions, "learning-review", DIED)
    before = (await stands(transactions, "lra-agency-reply-14d")).counted.due_on
    await corrected(transactions, "decided_at", DIED, DIED - timedelta(days=1))
    after = (await stands(transactions, "lra-agency-reply-14d")).counted.due_on
    assert before is not None
    assert after == before - timedelta(days=1)
    with pytest.raises(Invalid, match="before"):
        await corrected(transactions, "decided_at", DIED, NOW)


async def test_what_came_by_another_way_first_was_met_when_it_came(
    transactions: Transactions,
) -> None:
    keyed, came = DIED + timedelta(hours=30), DIED + timedelta(hours=23)
    await started(transactions, keyed, received_at=keyed)
    notify = "lac-notify-24h"
    assert (await stands(transactions, notify)).state is State.MET_LATE
    await corrected(transactions, "received_at", keyed, came)
    assert await stands(transactions, notify) == afresh(notify, received_at=came)
    (clock,) = await rows(
        transactions,
        f"SELECT state, outcome, completed_at FROM clocks WHERE rule = '{notify}'",
    )
    assert tuple(clock) == ("met", "in-time", came)
    (case,) = await rows(transactions, "SELECT received_at FROM cases")
    assert case.received_at == came
    (turn,) = await rows(transactions, "SELECT state_before, state_after, facts FROM turns")
    assert (turn.state_before, turn.state_after) == ("met_late", "met")
    assert turn.facts["before"] == keyed.isoformat()
    moved = msgspec.json.decode((await published(transactions))[-1].body)
    assert (moved["rule"], moved["state_before"], moved["state"]) == (notify, "met_late", "met")


async def test_what_counts_from_the_receipt_is_counted_anew(transactions: Transactions) -> None:
    await started(transactions, kind="serious-incident-justice")
    review = "sir-initial-review-3m"
    assert (await stands(transactions, review)).counted.due_on == date(2026, 5, 10)
    await corrected(transactions, "received_at", RECEIVED, RECEIVED - timedelta(days=1))
    assert (await stands(transactions, review)).counted.due_on == date(2026, 5, 9)


async def test_a_report_that_came_by_another_way_first_was_in_time(
    transactions: Transactions,
) -> None:
    late, later = REPORT_DUE + timedelta(days=1), REPORT_DUE + timedelta(days=2)
    await started(transactions)
    await submitted(transactions, late)
    await submitted(transactions, later)
    assert (await stands(transactions, now=later)).state is State.MET_LATE
    await corrected(transactions, "submitted_at", later, REPORT_DUE - TICK)
    assert (await stands(transactions, now=later)).state is State.MET
    await corrected(transactions, "submitted_at", REPORT_DUE - TICK, REPORT_DUE)
    assert (await stands(transactions, now=later)).state is State.MET_LATE
    with pytest.raises(Invalid, match="before"):
        await corrected(transactions, "submitted_at", later, DIED)


async def test_a_ratified_review_starts_the_clock_of_its_outcome(
    transactions: Transactions,
) -> None:
    await started(transactions, kind="learning-review-adult")
    outcome = "lra-outcome-7d"
    assert (await stands(transactions, outcome)).state is State.NOT_STARTED
    for at in (DIED, NOW):
        async with transactions.begin() as tx:
            await ratify_review(tx, RULEBOOK, CASE, at, NOW)
    assert (await stands(transactions, outcome)).counted.due_on == date(2026, 2, 17)
    assert ("clock.started", outcome) in await told(transactions)
    await corrected(transactions, "ratified_at", DIED, DIED + timedelta(days=1))
    assert (await stands(transactions, outcome)).counted.due_on == date(2026, 2, 18)


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("significant-case-review-child", "scrc-report"),
        ("serious-incident-justice", "sir-comprehensive-review"),
    ],
)
async def test_a_decision_starts_what_counts_from_it(
    transactions: Transactions, kind: str, rule: str
) -> None:
    await started(transactions, kind=kind)
    await decided(transactions, "learning-review", NOW)
    clock = await stands(transactions, rule)
    assert (clock.anchor_at, clock.state) == (NOW, State.NO_LIMIT)


@pytest.mark.parametrize("standing", [Standing.WITHDRAWN, Standing.CLOSED])
async def test_with_its_case_a_clock_ends_and_goes_on(
    transactions: Transactions, standing: Standing
) -> None:
    await started(transactions)
    await turned(transactions, standing, NOW)
    assert (await stands(transactions)).state is State.CANCELLED
    assert (await stands(transactions, "lac-notify-24h")).state is State.MET
    assert await swept(transactions, NOW + timedelta(days=60)) == 0
    late = NOW + timedelta(days=60)
    await turned(transactions, Standing.REOPENED, late)
    assert (await stands(transactions, now=late)).state is State.OVERDUE
    events = [
        (short(one.type), msgspec.json.decode(one.body).get("decision"))
        for one in await published(transactions)
        if f'"{REPORT}"'.encode() in one.body
    ]
    assert ("clock.cancelled", standing.value) in events
    assert ("clock.reopened", "reopened") in events


async def test_what_was_handed_in_before_the_case_ended_stays_met(
    transactions: Transactions,
) -> None:
    await started(transactions)
    await submitted(transactions, NOW - timedelta(days=1))
    await turned(transactions, Standing.CLOSED, NOW)
    assert (await stands(transactions)).state is State.MET


async def test_the_case_itself_says_it_in_an_explanation(transactions: Transactions) -> None:
    await started(transactions)
    await turned(transactions, Standing.WITHDRAWN, datetime(2026, 2, 20, 9, tzinfo=UTC))
    said = explain(await stands(transactions))
    assert "cancelled by the case being withdrawn, 09:00 on Friday 20 February 2026" in said
