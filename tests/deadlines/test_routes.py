"""Deadlines over HTTP: what it answers, to whom, and how it refuses."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.deadlines.app import build_app
from services.deadlines.settings import Settings
from services.deadlines.storage import clocks
from shared.access.principal import Role
from shared.transaction import Transactions
from shared.web.pages import page
from tests.access_kit import as_, service_settings
from tests.deadlines.builders import DIED, RECEIVED, REPORT_DUE, decided, started, submitted
from tests.deadlines.official import FIFE, rule_rows

Json = dict[str, Any]

ABERDEEN = "S12000033"
SUPPORT = as_(Role.SUPPORT_OFFICER)
FIFE_INSPECTOR = as_(Role.STRATEGIC_INSPECTOR, areas=[FIFE])
ABERDEEN_INSPECTOR = as_(Role.STRATEGIC_INSPECTOR, areas=[ABERDEEN])
ASKED = {
    "kind": "death-looked-after-child",
    "area": FIFE,
    "occurred_at": "2026-03-28T22:30:00Z",
}
REPORT = "lac-report-28d"


def cursor_after(place: str | int) -> str:
    """A cursor as a page gives it, but holding what no page of clocks can end with."""
    return str(page([0, 1], 1, out=lambda item: item, after=lambda _: (place,)).next)


def extension(amount: Any) -> Json:
    return {"extensions": [{"obligation": "report", "amount": amount}]}


async def preview(client: httpx.AsyncClient, **given: Any) -> httpx.Response:
    return await client.post("/previews", json=ASKED | given, headers=FIFE_INSPECTOR)


async def refusal(client: httpx.AsyncClient, **given: Any) -> dict[str, str]:
    """The fields that were refused, with their rules."""
    answer = await preview(client, **given)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return {error["field"]: error["rule"] for error in answer.json()["errors"]}


async def listed(client: httpx.AsyncClient, query: str = "", **headers: str) -> list[Json]:
    answer = await client.get(f"/clocks{query}", headers=headers or SUPPORT)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_a_preview_answers_one_clock_for_every_rule_of_the_kind(
    client: httpx.AsyncClient,
) -> None:
    answer = await preview(client)
    assert answer.status_code == 200
    clocks = answer.json()["clocks"]
    wanted = [row["id"] for row in rule_rows() if row["kind"] == ASKED["kind"]]
    assert [clock["rule"] for clock in clocks] == wanted
    assert clocks[0]["due_at"] == "2026-03-29T22:30:00Z"
    assert clocks[0]["governing"] is True


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SERVICE])
async def test_anybody_signed_in_may_ask_for_a_preview(
    client: httpx.AsyncClient, role: Role
) -> None:
    answer = await client.post("/previews", json=ASKED, headers=as_(role))
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/rules", "/rules/lac-notify-24h", "/clocks", "/clocks/1"])
async def test_nobody_is_answered_without_a_token(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 401
    assert (await client.post("/previews", json=ASKED)).status_code == 401


async def test_everything_wrong_with_a_preview_is_named_at_once(client: httpx.AsyncClient) -> None:
    wrong = {
        "kind": "picnic",
        "area": "S99999999",
        "occurred_at": "2026-03-28T22:30:00",
        "received_at": "yesterday",
        "decisions": [{"decision": "perhaps", "at": "2026-03-28"}],
        "completions": [{"obligation": "report", "at": "2026-02-30T00:00:00Z"}],
        "pauses": [{"obligation": "report", "from": "2026-03-02", "until": "2026-03-01"}],
        "extensions": [{"obligation": "report", "amount": 0}],
        "as_at": "1066-10-14T09:00:00Z",
    }
    assert set(await refusal(client, **wrong)) == {
        "kind",
        "area",
        "occurred_at",
        "received_at",
        "decisions[0].decision",
        "decisions[0].at",
        "completions[0].at",
        "pauses[0].until",
        "extensions[0].amount",
        "as_at",
    }


@pytest.mark.parametrize(
    ("given", "field", "rule"),
    [
        ({"occurred_at": "2026-03-28T22:30:00"}, "occurred_at", "offset"),
        ({"occurred_at": "2026-03-28"}, "occurred_at", "date and time with its offset"),
        ({"occurred_at": None}, "occurred_at", "text"),
        ({"occurred_at": 1774737000}, "occurred_at", "text"),
        ({"aware_at": "2026-03-28T22:29:59Z"}, "aware_at", "must not be before occurred_at"),
        ({"kind": "picnic"}, "kind", "must be one of: death-looked-after-child"),
        ({"area": "Fife"}, "area", "GSS code"),
        ({"weather": "fine"}, "weather", "not a field that is known here"),
        (
            {"pauses": [{"obligation": "picnic", "from": "2026-03-01"}]},
            "pauses[0].obligation",
            "must be one of: notify, report",
        ),
        (
            {"completions": [{"obligation": "outcome", "at": "2026-03-28T22:30:00Z"}]},
            "completions[0].obligation",
            "must be one of: notify, report",
        ),
        (extension(-1), "extensions[0].amount", "1 or more"),
        (extension(1.5), "extensions[0].amount", "whole number"),
        (extension("1"), "extensions[0].amount", "whole number"),
        (
            extension(100_000),
            "extensions",
            "the due date of lac-report-28d would lie beyond the year 2200",
        ),
        (
            {"pauses": [{"obligation": "report", "from": "2026-03-30", "until": "9999-12-31"}]},
            "pauses",
            "beyond the year 2200",
        ),
        ({"occurred_at": "2200-12-31T12:00:00Z"}, "occurred_at", "beyond the year 2200"),
    ],
)
async def test_a_wrong_field_is_named_with_its_rule(
    client: httpx.AsyncClient, given: Json, field: str, rule: str
) -> None:
    assert rule in (await refusal(client, **given))[field]


async def test_what_is_null_is_not_given(client: httpx.AsyncClient) -> None:
    optional = ("aware_at", "received_at", "ratified_at", "as_at")
    lists = ("decisions", "completions", "pauses", "extensions")
    answer = await preview(client, **dict.fromkeys((*optional, *lists)))
    assert answer.status_code == 200


async def test_a_preview_leaves_nothing_behind(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await preview(client)
    assert await listed(client) == []


async def test_rules_are_listed_in_their_order(client: httpx.AsyncClient) -> None:
    answer = (await client.get("/rules", headers=FIFE_INSPECTOR)).json()
    assert [rule["id"] for rule in answer["items"]] == [row["id"] for row in rule_rows()]
    assert answer["next"] is None


async def test_a_rule_says_where_it_comes_from_and_how_sure_that_is(
    client: httpx.AsyncClient,
) -> None:
    rule = (await client.get("/rules/sir-notify-5wd", headers=FIFE_INSPECTOR)).json()
    assert (rule["amount"], rule["unit"], rule["calendar"]) == (5, "working_days", "area")
    assert (rule["certainty"], rule["governing"]) == ("anchor-not-found", True)
    assert rule["version"] == "1"
    assert rule["source"].startswith("https://careinspectorate.com/")


@pytest.mark.parametrize("path", ["/rules/none-such", "/rules/lac-notify-24h?version=99"])
async def test_a_rule_that_is_not_there_is_not_found(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path, headers=SUPPORT)).status_code == 404


async def test_recorded_clocks_are_answered_as_in_a_preview(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await started(transactions)
    found = await listed(client, "?reference=SN-2026-000001")
    asked = {
        "occurred_at": "2026-02-10T12:00:00Z",
        "aware_at": "2026-02-10T12:00:00Z",
        "received_at": "2026-02-10T15:00:00Z",
    }
    shown = (await preview(client, **asked)).json()["clocks"]
    for clock, previewed in zip(found, shown, strict=True):
        ours = {"id", "reference", "kind", "area", "breach", "regimes"}
        assert _timeless(clock, ours) == _timeless(previewed, set())


def _timeless(clock: Json, ours: set[str]) -> Json:
    explained = {name: text for name, text in clock["explanation"].items() if name != "text"}
    return {k: v for k, v in clock.items() if k not in ours} | {"explanation": explained}


async def test_one_clock_is_found_by_its_id(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await started(transactions)
    first = (await listed(client))[0]
    again = await client.get(f"/clocks/{first['id']}", headers=FIFE_INSPECTOR)
    assert again.json() == first
    assert first["reference"] == "SN-2026-000001"


async def test_what_is_outside_a_persons_areas_does_not_exist_for_them(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await started(transactions)
    clock = (await listed(client))[0]["id"]
    assert await listed(client, **ABERDEEN_INSPECTOR) == []
    assert await listed(client, "?reference=SN-2026-000001", **ABERDEEN_INSPECTOR) == []
    answer = await client.get(f"/clocks/{clock}", headers=ABERDEEN_INSPECTOR)
    unknown = await client.get("/clocks/none-such", headers=ABERDEEN_INSPECTOR)
    assert (answer.status_code, unknown.status_code) == (404, 404)


async def test_operators_see_no_clocks(client: httpx.AsyncClient) -> None:
    answer = await client.get("/clocks", headers=as_(Role.OPERATOR))
    assert answer.status_code == 403


async def test_clocks_are_found_by_area_state_and_due_date(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await started(transactions)
    await started(transactions, case="2", reference="SN-2", area=ABERDEEN)
    await submitted(transactions, REPORT_DUE, case="2")
    assert {clock["reference"] for clock in await listed(client, f"?area={ABERDEEN}")} == {"SN-2"}
    overdue = await listed(client, "?state=overdue")
    assert [(clock["reference"], clock["rule"]) for clock in overdue] == [
        ("SN-2026-000001", REPORT)
    ]
    late = await listed(client, "?state=met_late")
    assert [clock["reference"] for clock in late] == ["SN-2"]
    before = await listed(client, "?due_before=2026-03-11T00:00:00Z")
    assert REPORT not in {clock["rule"] for clock in before}
    until = await listed(client, "?due_before=2026-03-11T00:00:00.000001Z")
    assert REPORT in {clock["rule"] for clock in until}


async def test_what_is_due_is_listed_by_its_date_and_without_what_is_over(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    later = {"occurred_at": DIED, "aware_at": DIED, "received_at": RECEIVED}
    later = {name: at + timedelta(days=3) for name, at in later.items()}
    await started(transactions, case="1", reference="SN-1", now=later["received_at"], **later)
    await started(transactions, case="2", reference="SN-2")
    await started(transactions, case="3", reference="SN-3", area=ABERDEEN)
    await submitted(transactions, REPORT_DUE, case="3")
    due = await listed(client, "/due")
    assert [(clock["reference"], clock["rule"]) for clock in due] == [
        ("SN-2", REPORT),
        ("SN-1", REPORT),
    ]
    assert [clock["reference"] for clock in await listed(client, "/due?state=met_late")] == ["SN-3"]
    both = await listed(client, f"/due?area={ABERDEEN}&area=S12000047&governing=true")
    assert [clock["reference"] for clock in both] == ["SN-2", "SN-1"]
    assert await listed(client, "/due?kind=large-scale-investigation-adult") == []
    assert len(await listed(client, "/due?due_from=2026-03-11T00:00:00.000001Z")) == 1


async def test_pages_of_what_is_due_hold_every_clock_once(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    for number in range(5):
        await started(transactions, case=str(number), reference=f"SN-{number}")
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = (await client.get(f"/clocks/due?limit=2&cursor={cursor}", headers=SUPPORT)).json()
        seen += [clock["reference"] for clock in page["items"]]
        cursor = page["next"]
    assert seen == [f"SN-{number}" for number in range(5)]


async def test_a_cancelled_report_is_listed_as_such(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await started(transactions)
    await decided(transactions, "learning-review", REPORT_DUE)
    assert [clock["rule"] for clock in await listed(client, "?state=cancelled")] == [REPORT]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?state=late", "state"),
        ("?due_before=2026-03-11T00:00:00", "due_before"),
        ("?due_before=soon", "due_before"),
        ("?cursor=none-of-ours", "cursor"),
        (f"?cursor={cursor_after('text')}", "cursor"),
        (f"?cursor={cursor_after(2**64 - 1)}", "cursor"),
        ("?limit=0", "limit"),
        ("?due_from=2026-03-11T00:00:00", "due_from"),
        ("/due?cursor=none-of-ours", "cursor"),
        (f"/due?cursor={cursor_after(1)}", "cursor"),
    ],
)
async def test_a_wrong_question_is_refused(
    client: httpx.AsyncClient, query: str, field: str
) -> None:
    answer = await client.get(f"/clocks{query}", headers=SUPPORT)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def pages(client: httpx.AsyncClient, asked: str) -> list[list[str]]:
    """Every page of a list, to the last."""
    found: list[list[str]] = []
    cursor = ""
    while cursor is not None:
        page = (await client.get(f"/clocks?{asked}&cursor={cursor}", headers=SUPPORT)).json()
        found.append([f"{clock['reference']}/{clock['rule']}" for clock in page["items"]])
        cursor = page["next"]
    return found


async def test_pages_hold_every_clock_once(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    for number in range(3):
        await started(transactions, case=str(number), reference=f"SN-{number}")
    seen = [one for page in await pages(client, "limit=5") for one in page]
    assert len(seen) == len(set(seen)) == 12
    assert seen[:4] == [f"SN-0/{row['id']}" for row in rule_rows()[:4]]


@pytest.mark.parametrize("asked", ["limit=5", "limit=1&governing=true", "state=met", "limit=200"])
async def test_a_list_that_looks_through_few_clocks_a_page_holds_the_same(
    client: httpx.AsyncClient,
    transactions: Transactions,
    monkeypatch: pytest.MonkeyPatch,
    asked: str,
) -> None:
    for number in range(4):
        await started(transactions, case=str(number), reference=f"SN-{number}")
    await submitted(transactions, RECEIVED, case="3")
    at_once = [one for page in await pages(client, asked) for one in page]
    monkeypatch.setattr(clocks, "LOOKED_THROUGH", 3)
    shorter = await pages(client, asked)
    assert [one for page in shorter for one in page] == at_once != []
    assert len(shorter) > 16 // 3
    alone = await pages(client, "reference=SN-3")
    assert [len(page) for page in alone] == [4]


async def test_every_route_is_documented(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/schema/openapi.json")).json()["paths"]
    assert {"/previews", "/rules", "/rules/{rule_id}", "/clocks", "/clocks/{clock_id}"} <= set(
        paths
    )
    wanted = {one["name"] for one in paths["/clocks"]["get"]["parameters"]}
    assert {"reference", "area", "state", "due_before", "cursor"} <= wanted


async def test_previews_and_rules_are_answered_while_the_database_is_away() -> None:
    url = "postgresql://nobody:nothing@127.0.0.1:9/deadlines"
    app = build_app(service_settings(Settings, database_url=url))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://deadlines") as client:
        assert (await preview(client)).status_code == 200
        assert (await client.get("/rules", headers=SUPPORT)).status_code == 200
        assert (await client.get("/clocks", headers=SUPPORT)).status_code == 503
