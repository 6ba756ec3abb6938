"""Drafts: saved unfinished, seen by their owner alone, and sent under the rules of all others."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from shared.transaction import Transactions
from tests.access_kit import as_
from tests.intake.builders import FIFE, INSPECTOR, NOTIFIER, STIRLING, a_body, named

COLLEAGUE = as_("notifier", areas=[FIFE], subject="person-2")


async def save(client: httpx.AsyncClient, body: Any, **headers: str) -> httpx.Response:
    answer = await client.post("/drafts", json=body, headers=NOTIFIER | headers)
    assert answer.status_code == 201, answer.text
    return answer


async def call(
    client: httpx.AsyncClient, method: str, path: str, body: Any = None, **headers: str
) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.request(method, path, json=body, headers=NOTIFIER | named)


async def received(transactions: Transactions) -> tuple[int, int]:
    async with transactions.begin() as tx:
        cases = await tx.session.scalar(text("SELECT count(*) FROM notifications"))
        drafts = await tx.session.scalar(text("SELECT count(*) FROM drafts"))
    return cases or 0, drafts or 0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "death-after"},
        {"occurred_at": "", "subject": {"name": "Z"}, "notifier": None},
        {"details": {"anything": [1, {"goes": True}]}, "area": 7},
        a_body(),
    ],
)
async def test_any_part_of_a_notification_is_kept_as_it_was(
    client: httpx.AsyncClient, body: Any
) -> None:
    made = await save(client, body)
    assert made.headers["ETag"] == '"1"'
    assert made.json()["notification"] == body
    found = await call(client, "GET", f"/drafts/{made.json()['id']}")
    assert (found.status_code, found.headers["ETag"]) == (200, '"1"')
    assert found.json() == made.json()


async def test_what_is_no_part_of_a_notification_is_refused(client: httpx.AsyncClient) -> None:
    unknown = await client.post("/drafts", json={"colour": "red"}, headers=NOTIFIER)
    assert (unknown.status_code, named(unknown)) == (422, ["colour"])
    listed = await client.post("/drafts", json=[], headers=NOTIFIER)
    assert listed.status_code == 422


async def test_a_draft_is_changed_as_a_whole_by_who_read_its_latest_version(
    client: httpx.AsyncClient,
) -> None:
    path = f"/drafts/{(await save(client, {'kind': 'x', 'area': FIFE})).json()['id']}"
    changed = await call(client, "PUT", path, {"kind": "y"}, If_Match='"1"')
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    assert changed.json()["notification"] == {"kind": "y"}
    assert (await call(client, "PUT", path, {}, If_Match='"1"')).status_code == 412
    assert (await call(client, "PUT", path, {})).status_code == 428
    assert (await call(client, "GET", path)).json()["notification"] == {"kind": "y"}


async def test_of_two_changes_at_once_one_is_told_to_read_again(client: httpx.AsyncClient) -> None:
    path = f"/drafts/{(await save(client, {})).json()['id']}"
    both = [call(client, "PUT", path, {"kind": kind}, If_Match='"1"') for kind in "ab"]
    assert sorted([one.status_code for one in await asyncio.gather(*both)]) == [200, 412]


async def test_a_draft_is_thrown_away(client: httpx.AsyncClient) -> None:
    path = f"/drafts/{(await save(client, {})).json()['id']}"
    assert (await call(client, "DELETE", path)).status_code == 428
    assert (await call(client, "DELETE", path, If_Match='"9"')).status_code == 412
    assert (await call(client, "DELETE", path, If_Match='"1"')).status_code == 204
    for method in ("GET", "DELETE"):
        assert (await call(client, method, path, If_Match='"1"')).status_code == 404


async def test_a_draft_exists_for_its_owner_alone(client: httpx.AsyncClient) -> None:
    path = f"/drafts/{(await save(client, a_body())).json()['id']}"
    for method, place in [
        ("GET", path),
        ("PUT", path),
        ("DELETE", path),
        ("POST", f"{path}/submit"),
    ]:
        body = {} if method == "PUT" else None
        for caller, status in [(COLLEAGUE, 404), (as_("support-officer", subject="s"), 404),
                               (INSPECTOR, 403), (as_("operator"), 403), ({}, 401)]:  # fmt: skip
            answer = await client.request(
                method, place, json=body, headers=caller | {"If-Match": "*"}
            )
            assert answer.status_code == status, (method, status)
    assert (await client.get("/drafts", headers=COLLEAGUE)).json()["items"] == []
    assert (await call(client, "GET", path)).status_code == 200


async def test_ones_own_drafts_are_listed_the_last_saved_first(client: httpx.AsyncClient) -> None:
    made = [(await save(client, {"kind": f"k{n}", "area": n})).json()["id"] for n in range(3)]
    await call(client, "PUT", f"/drafts/{made[0]}", {"kind": "again"}, If_Match="*")
    first = (await call(client, "GET", "/drafts?limit=2")).json()
    rest = (await call(client, "GET", f"/drafts?limit=2&cursor={first['next']}")).json()
    items = first["items"] + rest["items"]
    assert [item["id"] for item in items] == [made[0], made[2], made[1]]
    assert rest["next"] is None
    assert set(items[0]) == {"id", "version", "saved_at", "kind", "area"}
    assert (items[0]["kind"], items[0]["version"], items[1]["area"]) == ("again", 2, None)


async def test_a_finished_draft_becomes_a_notification_and_is_gone(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    path = f"/drafts/{(await save(client, a_body())).json()['id']}"
    sent = await call(client, "POST", f"{path}/submit", Idempotency_Key="send-1")
    assert sent.status_code == 201
    assert set(sent.json()) == {"reference", "status", "received_at"}
    found = await call(client, "GET", f"/notifications/{sent.json()['reference']}")
    assert {name: found.json()[name] for name in a_body()} == a_body()
    assert await received(transactions) == (1, 0)
    again = await call(client, "POST", f"{path}/submit", Idempotency_Key="send-1")
    assert (again.status_code, again.content) == (201, sent.content)
    assert (await call(client, "POST", f"{path}/submit")).status_code == 404
    assert await received(transactions) == (1, 0)


UNFINISHED: list[dict[str, Any]] = [
    {},
    {"kind": "death-looked-after-child", "notifier": {"name": "x"}, "subject": 3},
    a_body(occurred_at="soon"),
    a_body(kind="significant-case-review-adult"),
    a_body(details={}, subject=None),
    a_body(area=STIRLING),
]


@pytest.mark.parametrize("body", UNFINISHED)
async def test_an_unfinished_draft_is_refused_like_a_notification_and_stays(
    client: httpx.AsyncClient, transactions: Transactions, body: dict[str, Any]
) -> None:
    made = (await save(client, body)).json()
    refused = await call(client, "POST", f"/drafts/{made['id']}/submit", Idempotency_Key="k")
    posted = await client.post("/notifications", json=body, headers=NOTIFIER)
    differ = {"instance", "trace_id"}
    told = [
        {name: value for name, value in answer.json().items() if name not in differ}
        for answer in (refused, posted)
    ]
    assert told[0] == told[1]
    assert refused.status_code == posted.status_code in {403, 422}
    assert await received(transactions) == (0, 1)
    assert (await call(client, "GET", f"/drafts/{made['id']}")).json() == made


async def test_a_draft_sent_twice_at_once_is_one_notification(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    path = f"/drafts/{(await save(client, a_body())).json()['id']}/submit"
    answers = await asyncio.gather(*(call(client, "POST", path) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 404, 404, 404, 404]
    assert await received(transactions) == (1, 0)


async def test_a_repeated_save_is_one_draft(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    key = {"Idempotency-Key": "save-1"}
    first, second = (
        await save(client, {"kind": "x"}, **key),
        await save(client, {"kind": "x"}, **key),
    )
    assert first.json() == second.json()
    assert await received(transactions) == (0, 1)
