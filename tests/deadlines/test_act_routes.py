"""Acts over HTTP: who may, what is answered, and what is refused by field and rule."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from services.deadlines.app import build_app
from services.deadlines.settings import Settings
from shared.access.principal import Role
from shared.clock import utc_now
from shared.transaction import Transactions
from tests.access_kit import as_, service_settings
from tests.deadlines.acting_kit import REPORT, clock
from tests.deadlines.builders import started
from tests.deadlines.official import FIFE
from tests.service_kit import calling

Json = dict[str, Any]
INSPECTOR = as_(Role.STRATEGIC_INSPECTOR, areas=[FIFE], subject="inspector-1")
ELSEWHERE = as_(Role.STRATEGIC_INSPECTOR, areas=["S12000033"], subject="inspector-2")
CHIEF = as_(Role.CHIEF_INSPECTOR, subject="chief-1")
ELSEWHERE_CHIEF = as_(Role.CHIEF_INSPECTOR, areas=["S12000033"], subject="chief-2")
SUPPORT = as_(Role.SUPPORT_OFFICER, subject="support-1")
WHY = "The police asked for it"
ONE = f"/clocks/{clock()}"
EXTENSION: Json = {"amount": 7, "reason": WHY, "agreed_by": "chief inspector"}


async def recent(transactions: Transactions) -> datetime:
    """A death of five days ago, whose report is due in three weeks."""
    died = utc_now() - timedelta(days=5)
    await started(transactions, died, occurred_at=died, aware_at=died, received_at=died)
    return died


def errors(answer: httpx.Response) -> dict[str, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return {one["field"]: one["rule"] for one in answer.json().get("errors", ())}


async def shown(client: httpx.AsyncClient) -> Json:
    return (await client.get(ONE, headers=INSPECTOR)).json()


async def test_an_inspector_extends_a_clock_and_sees_it_moved(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await recent(transactions)
    before = await shown(client)
    answer = await client.post(f"{ONE}/extensions", json=EXTENSION, headers=INSPECTOR)
    assert answer.status_code == 201, answer.text
    act, moved = answer.json()["act"], answer.json()["clock"]
    assert (act["what"], act["amount"], act["standing"]) == ("extended", 7, True)
    assert datetime.fromisoformat(moved["due_on"]) - datetime.fromisoformat(
        before["due_on"]
    ) == timedelta(days=7)
    assert moved == await shown(client) | {"explanation": moved["explanation"]}


async def test_the_same_key_extends_once(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await recent(transactions)
    keyed = INSPECTOR | {"Idempotency-Key": "k1"}
    first = await client.post(f"{ONE}/extensions", json=EXTENSION, headers=keyed)
    again = await client.post(f"{ONE}/extensions", json=EXTENSION, headers=keyed)
    assert (again.status_code, again.json()) == (201, first.json())
    acts = (await client.get(f"{ONE}/acts", headers=INSPECTOR)).json()["items"]
    assert len(acts) == 1


async def test_an_act_on_another_version_than_was_read_is_refused_where_it_says_so(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await recent(transactions)
    tag = (await client.get(ONE, headers=INSPECTOR)).headers["ETag"]
    sent = INSPECTOR | {"If-Match": tag}
    assert (await client.post(f"{ONE}/extensions", json=EXTENSION, headers=sent)).status_code == 201
    assert (await client.post(f"{ONE}/extensions", json=EXTENSION, headers=sent)).status_code == 412


async def test_pause_resume_undo_and_the_history_of_it_all(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await recent(transactions)
    due_on = (await shown(client))["due_on"]
    said = {"reason": WHY}
    paused = await client.post(f"{ONE}/pauses", json=said, headers=INSPECTOR)
    assert (paused.status_code, paused.json()["clock"]["state"]) == (201, "paused")
    act = paused.json()["act"]["id"]
    resumed = await client.post(f"{ONE}/pauses/{act}/resumptions", json=said, headers=INSPECTOR)
    assert resumed.json()["clock"]["due_on"] == due_on
    undone = await client.post(f"{ONE}/acts/{act}/withdrawals", json=said, headers=INSPECTOR)
    assert undone.status_code == 201, undone.text
    lines = (await client.get(f"{ONE}/history", headers=INSPECTOR)).json()["items"]
    assert [line["because"] for line in lines] == ["paused", "resumed", "act-withdrawn"]
    assert [line["done"]["reason"] for line in lines] == [WHY] * 3
    own = {"by": "inspector-1", "reason": WHY, "agreed_by": None}
    assert [line["said"] for line in lines] == [own] * 3
    assert lines[0]["done"]["standing"] is False
    assert (lines[0]["state_before"], lines[0]["state_after"]) == ("open", "paused")


@pytest.mark.parametrize(
    ("path", "said", "field"),
    [
        ("extensions", EXTENSION | {"amount": 29}, "amount"),
        ("extensions", EXTENSION | {"amount": 0}, "amount"),
        ("extensions", EXTENSION | {"amount": "many"}, "amount"),
        ("extensions", EXTENSION | {"reason": "so"}, "reason"),
        ("extensions", {"amount": 1, "reason": WHY}, "agreed_by"),
        ("pauses", {"from": "2020-01-01", "reason": WHY}, "from"),
        ("pauses", {"from": "9999-12-31", "reason": WHY}, "from"),
        ("pauses", {"from": "2026-02-30", "reason": WHY}, "from"),
        ("pauses", {"until": "2020-01-01", "reason": WHY}, "until"),
    ],
)
async def test_what_is_wrong_is_named_by_field(
    client: httpx.AsyncClient, transactions: Transactions, path: str, said: Json, field: str
) -> None:
    await recent(transactions)
    answer = await client.post(f"{ONE}/{path}", json=said, headers=INSPECTOR)
    assert (answer.status_code, field in errors(answer)) == (422, True), answer.text


async def test_an_answer_beyond_reach_is_refused(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await recent(transactions)
    for _ in range(6):
        await client.post(f"{ONE}/extensions", json=EXTENSION | {"amount": 10_000}, headers=CHIEF)
    far = EXTENSION | {"amount": 10_000}
    answer = await client.post(f"{ONE}/extensions", json=far, headers=CHIEF)
    assert (answer.status_code, list(errors(answer))) == (422, ["extensions"])
    assert len((await client.get(f"{ONE}/acts", headers=CHIEF)).json()["items"]) == 6


@pytest.mark.parametrize("path", ["extensions", "pauses", "acts/x/withdrawals"])
async def test_who_may_act_on_a_clock(
    client: httpx.AsyncClient, transactions: Transactions, path: str
) -> None:
    await recent(transactions)
    said = EXTENSION if path == "extensions" else {"reason": WHY}
    assert (await client.post(f"{ONE}/{path}", json=said, headers=SUPPORT)).status_code == 403
    assert (await client.post(f"{ONE}/{path}", json=said, headers=ELSEWHERE)).status_code == 404
    assert (
        await client.post(f"/clocks/none/{path}", json=said, headers=INSPECTOR)
    ).status_code == 404


@pytest.mark.parametrize("path", ["acts", "history"])
async def test_acts_and_history_elsewhere_do_not_exist(
    client: httpx.AsyncClient, transactions: Transactions, path: str
) -> None:
    await recent(transactions)
    assert (await client.get(f"{ONE}/{path}", headers=ELSEWHERE)).status_code == 404


def regime(**given: Any) -> Json:
    today = utc_now().date()
    return {
        "name": "Covid-19",
        "kinds": ["death-looked-after-child"],
        "areas": [FIFE],
        "from": str(today - timedelta(days=10)),
        "until": str(today + timedelta(days=60)),
        "extensions": [{"obligation": "report", "amount": 14}],
        "reason": WHY,
        "agreed_by": "Scottish Ministers",
    } | given


async def test_a_chief_inspector_looks_ahead_declares_ends_and_withdraws(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await recent(transactions)
    foreseen = (await client.post("/regimes/previews", json=regime(), headers=CHIEF)).json()
    answer = await client.post("/regimes", json=regime(), headers=CHIEF)
    assert answer.status_code == 201, answer.text
    made, touched = answer.json()["regime"], answer.json()["touched"]
    assert touched == foreseen
    assert [one["rule"] for one in touched["items"]] == [REPORT]
    held = await shown(client)
    assert [(one["name"], one["amount"]) for one in held["regimes"]] == [("Covid-19", 14)]
    path = f"/regimes/{made['id']}"
    read = await client.get(path, headers=INSPECTOR)
    assert (read.json(), read.headers["ETag"]) == (made, answer.headers["ETag"])
    listed = (await client.get("/regimes", headers=INSPECTOR)).json()["items"]
    assert listed == [made]
    until = {"until": str(utc_now().date() - timedelta(days=8)), "reason": WHY}
    assert (await client.post(f"{path}/endings", json=until, headers=CHIEF)).status_code == 428
    matching = CHIEF | {"If-Match": read.headers["ETag"]}
    over = await client.post(f"{path}/endings", json=until, headers=matching)
    assert over.json()["touched"]["clocks"] == 1
    assert (await shown(client))["regimes"] == []
    stale = await client.post(f"{path}/withdrawals", json={"reason": WHY}, headers=matching)
    assert stale.status_code == 412
    any_version = CHIEF | {"If-Match": "*"}
    gone = await client.post(f"{path}/withdrawals", json={"reason": WHY}, headers=any_version)
    assert gone.json()["regime"]["withdrawn_at"] is not None


@pytest.mark.parametrize("path", ["/regimes", "/regimes/previews"])
async def test_only_a_chief_inspector_declares_a_regime(
    client: httpx.AsyncClient, path: str
) -> None:
    assert (await client.post(path, json=regime(), headers=INSPECTOR)).status_code == 403
    wrong = regime(**{"from": "2026-13-01", "areas": ["x"]})
    assert (await client.post(path, json=wrong, headers=CHIEF)).status_code == 422


async def test_a_regime_that_is_not_there_is_not_found(client: httpx.AsyncClient) -> None:
    sent = CHIEF | {"If-Match": "*"}
    assert (await client.get("/regimes/none", headers=CHIEF)).status_code == 404
    answer = await client.post("/regimes/none/withdrawals", json={"reason": WHY}, headers=sent)
    assert answer.status_code == 404


async def test_rule_versions_and_their_differences_are_shown(client: httpx.AsyncClient) -> None:
    versions = (await client.get("/rules/versions", headers=INSPECTOR)).json()["items"]
    assert versions == [{"version": "1", "rules": 24, "in_force": True}]
    same = (await client.get("/rules/changes?from=1", headers=INSPECTOR)).json()
    assert (same["added"], same["removed"], same["changed"]) == ([], [], [])
    answer = await client.get("/rules/changes?from=9", headers=INSPECTOR)
    assert list(errors(answer)) == ["from"]
    in_force = await client.get("/rules", headers=INSPECTOR)
    first = await client.get("/rules?version=1", headers=INSPECTOR)
    assert first.json() == in_force.json()
    answer = await client.get("/rules?version=9", headers=INSPECTOR)
    assert list(errors(answer)) == ["version"]
    rule = (await client.get("/rules/lac-notify-24h", headers=INSPECTOR)).json()
    assert rule["others"] == ["lac-notify-one-working-day", "lac-notify-immediately"]
    old = (await client.get("/rules/scrc-report", headers=INSPECTOR)).json()
    assert old["validity"]["until"] == "2021-09-01"


async def test_a_rebase_needs_a_version_that_there_is(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await recent(transactions)
    said = {"reference": "SN-2026-000001", "version": "9", "reason": WHY, "agreed_by": "chief"}
    answer = await client.post("/rebasings", json=said, headers=CHIEF)
    assert list(errors(answer)) == ["version"]
    same = await client.post("/rebasings", json=said | {"version": "1"}, headers=CHIEF)
    assert same.status_code == 409
    assert (await client.post("/rebasings", json=said, headers=INSPECTOR)).status_code == 403


async def test_previews_and_rules_are_answered_while_the_database_is_away() -> None:
    away = "postgresql://nobody@127.0.0.1:1/nothing"
    asked = {"kind": "death-aftercare", "area": FIFE, "occurred_at": "2026-02-10T12:00:00Z"}
    async with calling(build_app(service_settings(Settings, database_url=away))) as client:
        assert (await client.post("/previews", json=asked, headers=INSPECTOR)).status_code == 200
        assert (await client.get("/rules", headers=INSPECTOR)).status_code == 200
        assert (await client.get("/clocks", headers=INSPECTOR)).status_code == 503
