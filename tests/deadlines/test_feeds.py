"""Calendar feeds: what a program reads, for whom, how it changes, and how it ends."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from icalendar import Calendar
from sqlalchemy import text

from services.deadlines.storage.tables import PLUMBING
from services.deadlines.use_cases.show_feed import READS_A_WINDOW
from services.deadlines.use_cases.start_clocks import start_clocks
from shared.access.principal import Role
from shared.transaction import Transactions
from tests.access_kit import as_
from tests.deadlines.builders import RECEIVED, REPORT_DUE, decided, notification, started, submitted
from tests.deadlines.calendar_kit import carried_through, changed, csv_of, working_day_rulebook
from tests.deadlines.official import FIFE

Json = dict[str, Any]

ABERDEEN = "S12000033"
INSPECTOR = as_(Role.STRATEGIC_INSPECTOR, areas=[FIFE, ABERDEEN], subject="inspector-1")
SMALLER = as_(Role.STRATEGIC_INSPECTOR, areas=[ABERDEEN], subject="inspector-1")
OTHER = as_(Role.STRATEGIC_INSPECTOR, areas=[FIFE], subject="inspector-2")
CHIEF = as_(Role.CHIEF_INSPECTOR, subject="chief-1")


async def made(
    client: httpx.AsyncClient, headers: dict[str, str] = INSPECTOR, **given: Any
) -> Json:
    body = {"scope": "person", "name": "My deadlines"} | given
    answer = await client.post("/feeds", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def read(client: httpx.AsyncClient, feed: Json, **headers: str) -> httpx.Response:
    secret = feed["address"].rpartition("/")[2].removesuffix(".ics")
    return await client.get("/feeds/calendar", headers={"X-Feed-Secret": secret} | headers)


async def events(client: httpx.AsyncClient, feed: Json) -> list[Any]:
    """The entries as a calendar program parses them."""
    answer = await read(client, feed)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/calendar")
    parsed = Calendar.from_ical(answer.content)
    return list(parsed.walk("VEVENT"))


async def shown(client: httpx.AsyncClient, feed: Json) -> list[tuple[str, str, int]]:
    found = await events(client, feed)
    return [(str(one["SUMMARY"]), str(one["STATUS"]), int(one["SEQUENCE"])) for one in found]


async def test_a_program_reads_what_is_due_and_when(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await started(transactions)
    (event,) = await events(client, await made(client))
    assert event["SUMMARY"] == "SN-2026-000001: the report is due"
    assert event["DTSTART"].dt == date(2026, 3, 10)
    assert event.get("UID").endswith("@deadlines.scrutiny.example.org")
    assert event["URL"].endswith("/cases/SN-2026-000001")


async def test_what_is_due_at_an_hour_stands_at_that_hour(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    feed = await made(client)
    async with transactions.begin() as tx:
        await tx.session.execute(text("DELETE FROM feed_entries"))
    await started(transactions)
    async with transactions.begin() as tx:
        await tx.session.execute(
            text("UPDATE clocks SET due_at = '2026-03-10T14:30Z' WHERE rule = 'lac-report-28d'")
        )
    (event,) = await events(client, feed)
    assert event["DTSTART"].dt == datetime(2026, 3, 10, 14, 30, tzinfo=UTC)


async def test_an_entry_keeps_its_uid_and_counts_its_changes(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    rulebook, feed = working_day_rulebook(), await made(client)
    async with transactions.begin() as tx:
        await start_clocks(tx, rulebook, "case-1", notification(), RECEIVED)
    (before,) = await events(client, feed)
    await changed(transactions, rulebook, csv_of("2026-02-16"))
    await carried_through(transactions, rulebook)
    (after,) = await events(client, feed)
    assert before["UID"] == after["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)
    assert after["DTSTART"].dt - before["DTSTART"].dt == timedelta(days=1)
    (again,) = await events(client, feed)
    assert again["SEQUENCE"] == 1


async def test_what_is_due_no_more_is_cancelled_and_comes_back_when_it_is(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await started(transactions)
    feed = await made(client)
    line = "SN-2026-000001: the report is due"
    assert await shown(client, feed) == [(line, "CONFIRMED", 0)]
    await decided(transactions, "learning-review", RECEIVED)
    assert await shown(client, feed) == [(line, "CANCELLED", 1)]
    await decided(transactions, "no-learning-review", RECEIVED + timedelta(hours=1))
    assert await shown(client, feed) == [(line, "CONFIRMED", 2)]
    await submitted(transactions, RECEIVED + timedelta(days=1))
    assert await shown(client, feed) == [(line, "CANCELLED", 3)]


async def test_somebody_whose_areas_shrink_sees_less_at_once(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await started(transactions, case="fife", reference="SN-FIFE")
    await started(transactions, case="aberdeen", reference="SN-ABERDEEN", area=ABERDEEN)
    feed = await made(client)
    team = await made(client, scope="team", areas=[FIFE, ABERDEEN])
    assert len(await shown(client, feed)) == len(await shown(client, team)) == 2
    await client.get("/clocks", headers=SMALLER)
    for one in (feed, team):
        (entry,) = await shown(client, one)
        assert entry[0].startswith("SN-ABERDEEN")


async def test_an_areas_feed_shows_that_area_alone(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await started(transactions, case="fife", reference="SN-FIFE")
    await started(transactions, case="aberdeen", reference="SN-ABERDEEN", area=ABERDEEN)
    feed = await made(client, CHIEF, scope="area", areas=[ABERDEEN])
    assert [one[0][:11] for one in await shown(client, feed)] == ["SN-ABERDEEN"]


async def test_it_is_not_sent_again_while_it_says_the_same(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await started(transactions)
    feed = await made(client)
    first = await read(client, feed)
    again = await read(client, feed, **{"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    await submitted(transactions, REPORT_DUE)
    later = await read(client, feed, **{"If-None-Match": first.headers["etag"]})
    assert later.status_code == 200


async def test_an_address_that_was_revoked_is_read_no_more(client: httpx.AsyncClient) -> None:
    feed = await made(client)
    answer = await client.post(f"/feeds/{feed['id']}/revocations", headers=INSPECTOR)
    assert answer.status_code == 200
    assert (await read(client, feed)).status_code == 404
    items = (await client.get("/feeds", headers=INSPECTOR)).json()["items"]
    assert [one["revoked_at"] is not None for one in items] == [True]
    assert "address" not in items[0]


async def test_only_the_owner_and_the_chief_inspector_revoke(client: httpx.AsyncClient) -> None:
    feed = await made(client)
    path = f"/feeds/{feed['id']}/revocations"
    assert (await client.post(path, headers=OTHER)).status_code == 404
    assert (await client.get("/feeds", headers=OTHER)).json()["items"] == []
    everybodys = (await client.get("/feeds?everybodys=true", headers=CHIEF)).json()["items"]
    assert [one["id"] for one in everybodys] == [feed["id"]]
    assert (await client.post(path, headers=CHIEF)).status_code == 200


@pytest.mark.parametrize("secret", [None, "", "x", "x" * 300])
async def test_what_was_never_given_out_is_not_found(
    client: httpx.AsyncClient, secret: str | None
) -> None:
    sent = {"X-Feed-Secret": secret} if secret is not None else {}
    assert (await client.get("/feeds/calendar", headers=sent)).status_code == 404


async def test_an_owner_nobody_has_heard_of_for_long_sees_nothing(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    feed = await made(client)
    async with transactions.begin() as tx:
        statement = "UPDATE feed_owners SET seen_at = now() - interval '36 days'"
        await tx.session.execute(text(statement))
    assert (await read(client, feed)).status_code == 404


async def test_an_owner_who_reads_no_cases_any_more_sees_nothing(
    client: httpx.AsyncClient,
) -> None:
    feed = await made(client)
    await client.get("/rules", headers=as_(Role.OPERATOR, subject="inspector-1"))
    assert (await read(client, feed)).status_code == 404


async def test_a_program_that_asks_too_often_is_told_to_wait(client: httpx.AsyncClient) -> None:
    feed = await made(client)
    answers = [(await read(client, feed)).status_code for _ in range(READS_A_WINDOW + 1)]
    assert answers == [200] * READS_A_WINDOW + [429]
    assert int((await read(client, feed)).headers["retry-after"]) > 0


async def test_of_the_address_only_a_hash_is_kept(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    feed = await made(client)
    secret = feed["address"].rpartition("/")[2].removesuffix(".ics")
    assert len(secret) >= 43
    async with transactions.begin() as tx:
        names = ["feeds", "feed_owners", "audit_log", "idempotency_keys", "outbox"]
        for name in names:
            rows = await tx.session.execute(text(f"SELECT t::text FROM {name} t"))
            assert not [row for row in rows if secret in row[0]]
    assert PLUMBING.audit_log.name == "audit_log"


@pytest.mark.parametrize(
    ("given", "status", "field"),
    [
        ({"scope": "planet"}, 422, "scope"),
        ({"scope": "area"}, 422, "areas"),
        ({"scope": "area", "areas": [FIFE, ABERDEEN]}, 422, "areas"),
        ({"scope": "person", "areas": [FIFE]}, 422, "areas"),
        ({"scope": "team", "areas": []}, 422, "areas"),
        ({"scope": "team", "areas": [FIFE, "Mars"]}, 422, "areas[1]"),
        ({"name": ""}, 422, "name"),
        ({"scope": "area", "areas": ["S12000049"]}, 404, None),
    ],
)
async def test_a_feed_that_cannot_be_is_refused_by_field(
    client: httpx.AsyncClient, given: Json, status: int, field: str | None
) -> None:
    body = {"scope": "person", "name": "Mine"} | given
    answer = await client.post("/feeds", json=body, headers=INSPECTOR)
    assert answer.status_code == status
    if field:
        assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_operators_have_no_feeds(client: httpx.AsyncClient) -> None:
    body = {"scope": "person", "name": "Mine"}
    answer = await client.post("/feeds", json=body, headers=as_(Role.OPERATOR))
    assert answer.status_code == 403
