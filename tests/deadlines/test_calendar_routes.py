"""Calendars over HTTP: who reads, who changes, and what a refused import leaves behind."""

from typing import Any

import httpx
import pytest

from services.deadlines.use_cases.start_clocks import start_clocks
from shared.access.principal import Role
from shared.areas import COUNCIL_AREAS
from shared.transaction import Transactions
from tests.access_kit import as_
from tests.deadlines.builders import RECEIVED, notification
from tests.deadlines.calendar_kit import (
    HOLIDAY,
    REPORT,
    carried_through,
    csv_of,
    working_day_rulebook,
)
from tests.deadlines.official import FIFE

Json = dict[str, Any]

ABERDEEN = "S12000033"
SUPPORT = as_(Role.SUPPORT_OFFICER)
FIFE_SUPPORT = as_(Role.SUPPORT_OFFICER, areas=[FIFE])
FIFE_INSPECTOR = as_(Role.STRATEGIC_INSPECTOR, areas=[FIFE])
REASON = "The council has published its local holidays."


def body(*days: str, **given: Any) -> Json:
    return {"reason": REASON, "csv": csv_of(*days), "mode": "changes"} | given


async def put(
    client: httpx.AsyncClient,
    calendar: str = "scotland",
    match: str | None = '"1"',
    headers: dict[str, str] = SUPPORT,
    **given: Any,
) -> httpx.Response:
    sent = headers | ({"If-Match": match} if match else {})
    return await client.put(f"/calendars/{calendar}", json=body(HOLIDAY) | given, headers=sent)


async def read(client: httpx.AsyncClient, path: str, **headers: str) -> Json:
    answer = await client.get(path, headers=headers or FIFE_INSPECTOR)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_there_is_scotlands_calendar_and_one_for_every_area(
    client: httpx.AsyncClient,
) -> None:
    items = (await read(client, "/calendars"))["items"]
    assert [one["id"] for one in items] == ["scotland", *COUNCIL_AREAS]
    assert (items[0]["version"], items[0]["follows"]) == ("1", None)
    assert {(one["version"], one["follows"]) for one in items[1:]} == {(None, "scotland")}


async def test_a_calendar_says_its_days_under_the_tag_of_its_version(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/calendars/scotland", headers=FIFE_INSPECTOR)
    assert answer.headers["etag"] == '"1"'
    days = {one["date"]: one["name"] for one in answer.json()["holidays"]}
    assert "2026-06-15" in days


async def test_an_area_without_a_calendar_shows_what_it_follows(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/calendars/{FIFE}", headers=FIFE_INSPECTOR)
    assert (answer.headers["etag"], answer.json()["id"]) == ('"0"', "scotland")


async def test_a_change_is_a_new_version_beside_the_old_one(client: httpx.AsyncClient) -> None:
    answer = await put(client)
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    assert answer.json()["ended_at"] is None
    new, old = (
        await read(client, "/calendars/scotland"),
        await read(client, "/calendars/scotland?version=1"),
    )
    assert HOLIDAY in {one["date"] for one in new["holidays"]}
    assert HOLIDAY not in {one["date"] for one in old["holidays"]}
    found = await read(client, "/calendars/scotland/differences?from=1&to=2")
    assert found["added"] == [{"date": HOLIDAY, "name": "A local holiday"}]
    assert found["removed"] == found["renamed"] == []


async def test_the_history_says_who_and_why(client: httpx.AsyncClient) -> None:
    await put(client)
    items = (await read(client, "/calendars/scotland/versions"))["items"]
    assert [(one["version"], one["source"], one["made_by"]) for one in items] == [
        ("2", "csv", "person-1"),
        ("1", "seed", "seed"),
    ]
    assert items[0]["reason"] == REASON
    first = await read(client, "/calendars/scotland/versions?limit=1")
    rest = await read(client, f"/calendars/scotland/versions?cursor={first['next']}")
    assert [one["version"] for one in rest["items"]] == ["1"]


async def test_an_area_gets_its_first_calendar_with_the_tag_of_none(
    client: httpx.AsyncClient,
) -> None:
    answer = await put(client, FIFE, '"0"', FIFE_SUPPORT)
    assert answer.status_code == 200, answer.text
    items = {one["id"]: one for one in (await read(client, "/calendars"))["items"]}
    assert (items[FIFE]["version"], items[FIFE]["follows"]) == ("1", None)


@pytest.mark.parametrize(
    ("match", "status"), [(None, 428), ('"0"', 412), ('"7"', 412), ('"1"', 200), ("*", 200)]
)
async def test_a_change_names_the_version_it_changes(
    client: httpx.AsyncClient, match: str | None, status: int
) -> None:
    assert (await put(client, match=match)).status_code == status


@pytest.mark.parametrize(
    ("headers", "calendar", "status"),
    [
        (FIFE_SUPPORT, "scotland", 403),
        (FIFE_SUPPORT, ABERDEEN, 404),
        (FIFE_INSPECTOR, FIFE, 403),
        (as_(Role.AUDITOR), "scotland", 403),
        (as_(Role.OPERATOR), "scotland", 403),
        (SUPPORT, "S99", 404),
    ],
)
async def test_who_may_change_a_calendar(
    client: httpx.AsyncClient, headers: dict[str, str], calendar: str, status: int
) -> None:
    assert (await put(client, calendar, '"*"', headers)).status_code == status
    sent = {name: value for name, value in body(HOLIDAY).items() if name != "reason"}
    answer = await client.post(f"/calendars/{calendar}/previews", json=sent, headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"csv": "date,name\n2026-02-16,A\n2026-02-14,B\n"}, "csv.line-3.date"),
        ({"csv": None}, "csv"),
        ({"icalendar": "BEGIN:VCALENDAR"}, "csv"),
        ({"csv": None, "icalendar": "BEGIN:VCALENDAR"}, "icalendar"),
        ({"reason": "short"}, "reason"),
        ({"mode": "all"}, "mode"),
        ({"holidays": []}, "holidays"),
    ],
)
async def test_a_failed_import_changes_nothing_and_says_where_it_failed(
    client: httpx.AsyncClient, given: Json, field: str
) -> None:
    before = await read(client, "/calendars/scotland")
    answer = await put(client, **given)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert await read(client, "/calendars/scotland") == before
    assert len((await read(client, "/calendars/scotland/versions"))["items"]) == 1


async def test_a_preview_and_then_the_correction_say_what_moves(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    rulebook = working_day_rulebook()
    async with transactions.begin() as tx:
        await start_clocks(tx, rulebook, "case-1", notification(), RECEIVED)
    await put(client)
    await carried_through(transactions, rulebook)
    found = await read(client, "/calendars/scotland/corrections/2")
    assert (found["examined"], found["moved"]) == (1, 1)
    assert found["ended_at"] is not None
    moves = (await read(client, "/calendars/scotland/corrections/2/moves"))["items"]
    told = [(one["rule"], one["due_on_before"], one["due_on"]) for one in moves]
    assert told == [(REPORT, "2026-02-24", "2026-02-25")]


async def test_what_moved_elsewhere_does_not_exist_for_the_caller(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    rulebook = working_day_rulebook()
    async with transactions.begin() as tx:
        await start_clocks(tx, rulebook, "case-1", notification(area=ABERDEEN), RECEIVED)
    await put(client)
    await carried_through(transactions, rulebook)
    assert (await read(client, "/calendars/scotland/corrections/2/moves"))["items"] == []
    answer = await client.get("/calendars/scotland/corrections/2/moves", headers=as_(Role.OPERATOR))
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "path", ["/calendars/S99", "/calendars/scotland?version=9", "/calendars/scotland/corrections/1",
             f"/calendars/{FIFE}/differences?from=1&to=2"],
)  # fmt: skip
async def test_what_there_is_not_is_404(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path, headers=SUPPORT)).status_code == 404
