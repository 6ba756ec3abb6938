"""Another end of a regime, or its withdrawal, is looked at before it is done."""

from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from services.deadlines.use_cases import reach_of_regime
from shared.clock import utc_now
from shared.transaction import Transactions
from tests.deadlines.acting_kit import REPORT, rows
from tests.deadlines.builders import started
from tests.deadlines.official import FIFE
from tests.deadlines.test_act_routes import CHIEF, ELSEWHERE_CHIEF, INSPECTOR, WHY, errors, regime

Json = dict[str, Any]
ACTS = ("endings", "withdrawals")


async def recent(transactions: Transactions, **given: Any) -> None:
    """A death of five days ago, whose report is due in three weeks."""
    died = utc_now() - timedelta(days=5)
    dates = dict.fromkeys(("occurred_at", "aware_at", "received_at"), died)
    await started(transactions, died, **dates, **given)


async def a_regime(client: httpx.AsyncClient, **given: Any) -> str:
    """The path of a regime that was declared."""
    made = await client.post("/regimes", json=regime(**given), headers=CHIEF)
    assert made.status_code == 201, made.text
    return f"/regimes/{made.json()['regime']['id']}"


def asked(act: str, until: date | None = None) -> Json:
    day = until or utc_now().date() - timedelta(days=8)
    return {"until": str(day)} if act == "endings" else {}


async def foreseen(client: httpx.AsyncClient, path: str, act: str, **given: Any) -> httpx.Response:
    return await client.post(f"{path}/{act}/previews", json=asked(act, **given), headers=CHIEF)


@pytest.mark.parametrize("act", ACTS)
async def test_a_preview_answers_what_the_act_then_does(
    client: httpx.AsyncClient, transactions: Transactions, act: str
) -> None:
    await recent(transactions)
    path = await a_regime(client)
    preview = await foreseen(client, path, act)
    assert preview.status_code == 200, preview.text
    shown = preview.json()
    assert (shown["cases"], shown["counted"], shown["concerned"]) == (1, 1, 1)
    assert shown["complete"]
    report = next(one for one in shown["items"] if one["rule"] == REPORT)
    due = [date.fromisoformat(report[f"due_on_{when}"]) for when in ("before", "after")]
    assert due[0] - due[1] == timedelta(days=14)
    matching = CHIEF | {"If-Match": preview.headers["ETag"]}
    said = asked(act) | {"reason": WHY}
    done = await client.post(f"{path}/{act}", json=said, headers=matching)
    assert (done.status_code, done.json()["touched"]) == (201, shown)


@pytest.mark.parametrize("act", ACTS)
async def test_a_breach_that_would_be_missed_again_is_told(
    client: httpx.AsyncClient, transactions: Transactions, act: str
) -> None:
    died = utc_now() - timedelta(days=60)
    dates = dict.fromkeys(("occurred_at", "aware_at", "received_at"), died)
    await started(transactions, died, **dates)
    since = str((died - timedelta(days=10)).date())
    path = await a_regime(client, **{"from": since, "until": None, "extensions": []})
    until = (died - timedelta(days=1)).date()
    found = (await foreseen(client, path, act, until=until)).json()["items"]
    (report,) = [one for one in found if one["rule"] == REPORT]
    assert (report["breach_before"], report["breach_after"]) == ("discuss", "missed")
    assert (report["discuss_before"], report["discuss_after"]) == (True, False)
    assert report["due_on_before"] == report["due_on_after"]


@pytest.mark.parametrize("act", ACTS)
async def test_a_preview_changes_nothing(
    client: httpx.AsyncClient, transactions: Transactions, act: str
) -> None:
    await recent(transactions)
    path = await a_regime(client)
    tables = ("cases", "clocks", "turns", "regimes", "outbox", "audit_log", "regime_reaches")
    everything = [f"SELECT * FROM {table} ORDER BY 1" for table in tables]
    before = [await rows(transactions, each) for each in everything]
    assert (await foreseen(client, path, act)).status_code == 200
    assert [await rows(transactions, each) for each in everything] == before


@pytest.mark.parametrize("act", ACTS)
async def test_what_was_looked_at_is_not_done_to_what_has_changed_meanwhile(
    client: httpx.AsyncClient, act: str
) -> None:
    path = await a_regime(client)
    matching = CHIEF | {"If-Match": (await foreseen(client, path, act)).headers["ETag"]}
    ending = asked("endings", utc_now().date()) | {"reason": WHY}
    assert (await client.post(f"{path}/endings", json=ending, headers=matching)).status_code == 201
    said = asked(act) | {"reason": WHY}
    assert (await client.post(f"{path}/{act}", json=said, headers=matching)).status_code == 412


@pytest.mark.parametrize("act", ACTS)
async def test_a_preview_is_refused_as_the_act_would_be(
    client: httpx.AsyncClient, act: str
) -> None:
    path = await a_regime(client, areas=[FIFE])
    for headers, status in ((INSPECTOR, 403), (ELSEWHERE_CHIEF, 404)):
        answer = await client.post(f"{path}/{act}/previews", json=asked(act), headers=headers)
        assert answer.status_code == status
    assert (await foreseen(client, "/regimes/none", act)).status_code == 404
    first = await client.get(path, headers=CHIEF)
    if act == "endings":
        early = date.fromisoformat(first.json()["from"])
        assert list(errors(await foreseen(client, path, act, until=early))) == ["until"]
        far = await foreseen(client, path, act, until=date(1066, 1, 1))
        assert list(errors(far)) == ["until"]
    matching = CHIEF | {"If-Match": first.headers["ETag"]}
    gone = await client.post(f"{path}/withdrawals", json={"reason": WHY}, headers=matching)
    assert gone.status_code == 201
    assert (await foreseen(client, path, act)).status_code == 409


async def test_of_very_many_cases_the_first_are_counted_and_it_is_said_how_many_there_are(
    client: httpx.AsyncClient, transactions: Transactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach_of_regime, "BATCH", 2)
    monkeypatch.setattr(reach_of_regime, "AT_ONCE", 4)
    for number in range(7):
        await recent(transactions, case=f"case-{number}", reference=f"SN-{number}")
    preview = (await client.post("/regimes/previews", json=regime(), headers=CHIEF)).json()
    told = ("cases", "counted", "concerned", "complete")
    assert [preview[name] for name in told] == [4, 4, 7, False]
    assert {one["reference"] for one in preview["items"]} == {f"SN-{number}" for number in range(4)}
    done = (await client.post("/regimes", json=regime(), headers=CHIEF)).json()
    assert [done["touched"][name] for name in told] == [4, 4, None, False]


async def test_as_many_cases_as_are_counted_at_once_are_all_of_them(
    client: httpx.AsyncClient, transactions: Transactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach_of_regime, "BATCH", 2)
    monkeypatch.setattr(reach_of_regime, "AT_ONCE", 4)
    for number in range(4):
        await recent(transactions, case=f"case-{number}", reference=f"SN-{number}")
    preview = (await client.post("/regimes/previews", json=regime(), headers=CHIEF)).json()
    assert (preview["counted"], preview["concerned"], preview["complete"]) == (4, 4, True)
