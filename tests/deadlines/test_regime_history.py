"""What became of an emergency regime, over HTTP: each entry with its reason, oldest first."""

from datetime import timedelta

import httpx
import pytest

from services.deadlines.entrypoints.regime_carrier import RegimeCarrier
from services.deadlines.use_cases import reach_of_regime
from shared.access.principal import Role
from shared.clock import utc_now
from shared.transaction import Transactions
from tests.access_kit import as_
from tests.deadlines.acting_kit import NOW, WHY, declared, ended, undeclared
from tests.deadlines.builders import RULEBOOK, started
from tests.deadlines.official import FIFE

READER = as_(Role.STRATEGIC_INSPECTOR, areas=[FIFE], subject="inspector-1")


async def test_a_history_tells_who_did_what_why_and_how_many_clocks_it_changed(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await started(transactions)
    regime, reach = await declared(transactions, ends=None)
    until = (NOW + timedelta(days=30)).date()
    await ended(transactions, regime, until, NOW + timedelta(hours=1))
    undone = await undeclared(transactions, regime, NOW + timedelta(hours=2))
    lines = (await client.get(f"/regimes/{regime}/history", headers=READER)).json()["items"]
    assert [line["what"] for line in lines] == ["declared", "ended", "withdrawn"]
    assert {(line["by"], line["reason"]) for line in lines} == {("chief-1", WHY)}
    assert [line["until"] for line in lines] == [None, str(until), None]
    assert lines[0]["clocks_touched"] == reach.clocks > 0
    assert lines[2]["clocks_touched"] == undone.clocks > 0


async def test_a_second_end_names_the_first(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    first, second = utc_now().date(), utc_now().date() + timedelta(days=9)
    regime, _ = await declared(transactions, ends=first)
    await ended(transactions, regime, second)
    lines = (await client.get(f"/regimes/{regime}/history", headers=READER)).json()["items"]
    assert (lines[1]["until_before"], lines[1]["until"]) == (str(first), str(second))


async def test_cases_that_were_left_are_told_of_once_all_are_reached(
    client: httpx.AsyncClient, transactions: Transactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        await started(transactions, case=f"case-{number}", reference=f"SN-{number}")
    monkeypatch.setattr(reach_of_regime, "BATCH", 1)
    monkeypatch.setattr(reach_of_regime, "AT_ONCE", 1)
    regime, _ = await declared(transactions)
    await RegimeCarrier(transactions, RULEBOOK, utc_now).carry_through()
    lines = (await client.get(f"/regimes/{regime}/history", headers=READER)).json()["items"]
    told = [(line["what"], line["by"], line["clocks_touched"]) for line in lines]
    assert told == [("declared", "chief-1", 1), ("carried-through", "deadlines", 2)]


async def test_a_regime_that_never_was_has_no_history(client: httpx.AsyncClient) -> None:
    assert (await client.get("/regimes/none/history", headers=READER)).status_code == 404
    operator = as_(Role.OPERATOR, subject="operator-1")
    assert (await client.get("/regimes/none/history", headers=operator)).status_code == 403
