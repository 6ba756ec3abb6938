"""Each line of a clock's history that is no act on it says who moved it, and for which reason."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from services.deadlines.entrypoints.regime_carrier import RegimeCarrier
from services.deadlines.storage.said import Said
from services.deadlines.use_cases import reach_of_regime
from services.deadlines.use_cases.rebase_case import rebase_case
from services.deadlines.use_cases.show_history import show_history
from services.deadlines.use_cases.start_clocks import start_clocks
from shared.transaction import Transactions
from tests.deadlines.acting_kit import (
    CHIEF,
    NOW,
    REPORT,
    WHY,
    by,
    clock,
    declared,
    ended,
    extended,
    undeclared,
)
from tests.deadlines.builders import CASE, RECEIVED, RULEBOOK, notification, started
from tests.deadlines.calendar_kit import (
    HOLIDAY,
    REASON,
    carried_through,
    changed,
    csv_of,
    working_day_rulebook,
)
from tests.deadlines.test_rule_versions import book, second_version

HOUR = timedelta(hours=1)


async def history(transactions: Transactions) -> list[tuple[str, Said | None]]:
    async with transactions.begin() as tx:
        found = await show_history(tx, clock(), CHIEF)
    reasons = [turned.because for turned in found.turns]
    return list(zip(reasons, found.said, strict=True))


async def test_of_a_case_that_was_moved_to_other_rules(
    transactions: Transactions, tmp_path: Path
) -> None:
    await started(transactions)
    await extended(transactions, 2)
    rules = book(second_version(tmp_path, {REPORT: {"amount": "30"}}))
    async with transactions.begin() as tx:
        await rebase_case(tx, rules, "SN-2026-000001", "2", by(), "act-1")
    said = Said("chief-1", WHY, "chief inspector")
    assert await history(transactions) == [("extended", None), ("rebased", said)]


async def test_of_a_regime_each_line_has_the_reason_of_its_own_act(
    transactions: Transactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    await started(transactions, case="first", reference="SN-1")
    await started(transactions)
    monkeypatch.setattr(reach_of_regime, "BATCH", 1)
    monkeypatch.setattr(reach_of_regime, "AT_ONCE", 1)
    regime, _ = await declared(transactions, ends=None)
    # It reaches the second case after the act, and is told as the act all the same.
    await RegimeCarrier(transactions, RULEBOOK, lambda: NOW + HOUR).carry_through()
    await ended(transactions, regime, date(2026, 2, 2), NOW + 2 * HOUR)
    await undeclared(transactions, regime, NOW + 3 * HOUR)
    await RegimeCarrier(transactions, RULEBOOK, lambda: NOW + 4 * HOUR).carry_through()
    agreed, alone = Said("chief-1", WHY, "Scottish Ministers"), Said("chief-1", WHY, None)
    assert (await history(transactions))[0] == ("regime-declared", agreed)
    assert {said for _, said in (await history(transactions))[1:]} == {alone}


async def test_of_a_corrected_calendar(transactions: Transactions) -> None:
    rulebook = working_day_rulebook()
    async with transactions.begin() as tx:
        await start_clocks(tx, rulebook, CASE, notification(), RECEIVED)
    await changed(transactions, rulebook, csv_of(HOLIDAY))
    await carried_through(transactions, rulebook)
    said = Said("officer-1", REASON, None)
    assert await history(transactions) == [("calendar-corrected", said)]
