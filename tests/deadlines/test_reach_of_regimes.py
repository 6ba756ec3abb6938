"""A regime that concerns very many cases reaches the first at once and the others in batches.

Faults: the worker dies in the middle of a batch, two work at once, the regime is withdrawn or
another is declared meanwhile. In the end every clock stands as if all had been done in one go.
"""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from services.deadlines.domain.facts import Extension
from services.deadlines.entrypoints.regime_carrier import RegimeCarrier
from services.deadlines.storage import regimes
from services.deadlines.use_cases import carry_through_regime as carrying
from services.deadlines.use_cases import reach_of_regime
from services.deadlines.use_cases.carry_through_regime import carry_through_regime
from services.deadlines.use_cases.extend_clock import extend_clock
from shared.transaction import Transactions
from tests.deadlines.acting_kit import NOW, REPORT, by, clock, declared, rows, undeclared
from tests.deadlines.builders import RULEBOOK, published, short, started

CASES = 7
DUE, LATER = date(2026, 3, 10), date(2026, 3, 24)
DUE_ON = f"SELECT case_id, due_on FROM clocks WHERE rule = '{REPORT}' ORDER BY case_id"


@pytest.fixture(autouse=True)
async def many(transactions: Transactions, monkeypatch: pytest.MonkeyPatch) -> None:
    """More cases than are reached at once, two in a batch."""
    monkeypatch.setattr(reach_of_regime, "BATCH", 2)
    monkeypatch.setattr(reach_of_regime, "AT_ONCE", 2)
    for number in range(CASES):
        await started(transactions, case=f"case-{number}", reference=f"SN-{number}")


class Killed(BaseException):
    """The process is no more: nobody takes anything apart."""


async def carried(transactions: Transactions) -> None:
    await RegimeCarrier(transactions, RULEBOOK, lambda: NOW).carry_through()


async def due(transactions: Transactions) -> list[date]:
    return [row.due_on for row in await rows(transactions, DUE_ON)]


async def recomputed(transactions: Transactions) -> list[str]:
    found = await published(transactions)
    return sorted(row.subject for row in found if short(row.type) == "clock.recomputed")


async def test_the_first_are_reached_at_once_and_the_others_follow(
    transactions: Transactions,
) -> None:
    _, reach = await declared(transactions)
    assert (reach.clocks, reach.complete) == (2, False)
    assert await due(transactions) == [LATER] * 2 + [DUE] * 5
    await carried(transactions)
    assert await due(transactions) == [LATER] * CASES
    assert await recomputed(transactions) == [f"SN-{number}" for number in range(CASES)]
    (said,) = await rows(
        transactions, "SELECT after FROM audit_log WHERE act = 'regime.carried-through'"
    )
    assert said.after == {"because": "regime-declared", "clocks_touched": 5}


async def test_who_dies_in_the_middle_is_followed_by_another(
    transactions: Transactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    await declared(transactions)
    async with transactions.begin() as tx:
        assert await carry_through_regime(tx, RULEBOOK, NOW)

    before = await due(transactions)

    async def dies(*given: Any) -> None:
        await reach_of_regime.carry_batch(*given)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(carrying, "carry_batch", dies)
        with pytest.raises(Killed):
            await carried(transactions)
    assert await due(transactions) == before == [LATER] * 4 + [DUE] * 3
    await asyncio.gather(carried(transactions), carried(transactions))
    assert await due(transactions) == [LATER] * CASES
    assert len(await recomputed(transactions)) == CASES
    assert await rows(transactions, "SELECT id FROM regime_reaches WHERE ended_at IS NULL") == []


async def test_a_case_that_comes_or_is_acted_on_meanwhile_is_under_it_in_the_end(
    transactions: Transactions,
) -> None:
    await declared(transactions)
    await started(transactions, case="case-9", reference="SN-9")
    async with transactions.begin() as tx:
        await extend_clock(tx, RULEBOOK, clock(REPORT, "case-6"), 7, by())
    await carried(transactions)
    assert await due(transactions) == [LATER] * 6 + [LATER + timedelta(days=7), LATER]


async def test_what_is_withdrawn_before_all_have_heard_of_it_leaves_nothing(
    transactions: Transactions,
) -> None:
    regime, _ = await declared(transactions)
    _, other = await declared(transactions, extensions=(Extension("report", 3),))
    assert not other.complete
    await undeclared(transactions, regime)
    await carried(transactions)
    assert await due(transactions) == [DUE + timedelta(days=3)] * CASES
    assert await rows(transactions, "SELECT 1 FROM regime_reaches WHERE ended_at IS NULL") == []


async def test_a_reach_that_forgets_where_it_was_interrupted_is_found_out(
    transactions: Transactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = regimes.concerned_cases

    async def leaves_out(session: Any, concerned: Any, behind: str, *more: Any, **how: Any) -> Any:
        return await found(session, concerned, behind and f"{behind[:-1]}5", *more, **how)

    await declared(transactions)
    monkeypatch.setattr(reach_of_regime, "concerned_cases", leaves_out)
    await carried(transactions)
    assert DUE in await due(transactions)
