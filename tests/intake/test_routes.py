"""Notifications over HTTP: who may send and read what, what is answered, and how it refuses."""

import asyncio
from base64 import b64encode
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from services.intake.domain.kinds import kinds
from shared.audit import first_broken
from shared.transaction import Transactions
from tests.access_kit import as_
from tests.intake.builders import (
    FIFE,
    INSPECTOR,
    NOTIFIER,
    STIRLING,
    SUPPORT,
    a_body,
    named,
    notify,
)


async def read(client: httpx.AsyncClient, path: str, headers: dict[str, str]) -> httpx.Response:
    return await client.get(path, headers=headers)


async def count(transactions: Transactions, table: str) -> int:
    async with transactions.begin() as tx:
        found = await tx.session.scalar(text(f"SELECT count(*) FROM {table}"))
    return int(found or 0)


async def test_a_notification_is_received_and_read_as_it_was_sent(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.post("/notifications", json=a_body(), headers=NOTIFIER)
    assert answer.status_code == 201
    made = answer.json()
    assert set(made) == {"reference", "status", "received_at"}
    assert (made["status"], made["received_at"][-1]) == ("received", "Z")
    found = await read(client, f"/notifications/{made['reference']}", INSPECTOR)
    assert found.headers["ETag"] == '"1"'
    sent = a_body()
    assert {name: found.json()[name] for name in sent} == sent


async def test_every_wrong_field_is_named_at_once(client: httpx.AsyncClient) -> None:
    bad = a_body(
        occurred_at="yesterday",
        aware_at="2026-03-28T22:30:00",
        subject={"date_of_birth": "17/09/2011"},
        notifier={"organisation": "", "name": 7, "role": "r", "email": "nobody"},
        colour="red",
        area=None,
    )
    answer = await client.post("/notifications", json=bad, headers=NOTIFIER)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(named(answer)) == {
        "area", "aware_at", "colour", "notifier.email", "notifier.name", "notifier.organisation",
        "occurred_at", "subject.date_of_birth", "subject.name",
    }  # fmt: skip


async def test_every_broken_rule_is_named_at_once(client: httpx.AsyncClient) -> None:
    bad = a_body(
        kind="learning-review-adult",
        occurred_at="2021-03-28T22:30:00Z",
        aware_at="2020-03-28T22:30:00Z",
        subject={"name": " ", "date_of_birth": "2024-01-01"},
    )
    answer = await client.post("/notifications", json=bad, headers=NOTIFIER)
    assert answer.status_code == 422
    assert named(answer) == [
        "kind",
        "aware_at",
        "subject.name",
        "subject.date_of_birth",
        "details.reason",
        "details.legal_basis",
        "details.residing_at_death",
        "details.circumstances",
    ]


async def test_a_kind_that_is_not_accepted_says_why_and_where_to_write(
    client: httpx.AsyncClient,
) -> None:
    body = a_body(kind="significant-case-review-adult")
    answer = await client.post("/notifications", json=body, headers=NOTIFIER)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"]) == (422, "kind")
    assert "has not been given effect" in error["rule"]
    assert "strategic.scrutiny@example.org" in error["rule"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"x"', b"\xff", b"[" * 100_000, b"null"])
async def test_what_is_no_notification_at_all_is_refused(
    client: httpx.AsyncClient, content: bytes
) -> None:
    headers = NOTIFIER | {"Content-Type": "application/json"}
    answer = await client.post("/notifications", content=content, headers=headers)
    assert answer.status_code in {400, 422}
    assert answer.json()["title"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        (as_("notifier", areas=[STIRLING]), 403),
        (as_("notifier"), 403),
        (as_("strategic-inspector", areas=[FIFE]), 403),
        (as_("auditor"), 403),
        (as_("operator"), 403),
        (as_("support-officer"), 201),
    ],
)
async def test_only_who_may_notify_for_an_area_does(
    client: httpx.AsyncClient,
    transactions: Transactions,
    headers: dict[str, str],
    status: int,
) -> None:
    answer = await client.post("/notifications", json=a_body(), headers=headers)
    assert answer.status_code == status
    assert await count(transactions, "notifications") == (status == 201)
    assert await count(transactions, "outbox") == (status == 201)


async def test_another_area_is_refused_by_name(client: httpx.AsyncClient) -> None:
    body = a_body(area=STIRLING)
    answer = await client.post("/notifications", json=body, headers=NOTIFIER)
    assert (answer.status_code, named(answer)) == (403, ["area"])


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (as_("notifier", areas=[FIFE]), 200),
        (as_("strategic-inspector", areas=[FIFE, STIRLING]), 200),
        (as_("chief-inspector"), 200),
        (as_("auditor"), 200),
        (as_("service"), 200),
        (as_("notifier", areas=[STIRLING]), 404),
        (as_("strategic-inspector"), 404),
        (as_("auditor", areas=[STIRLING]), 404),
        (as_("operator"), 403),
        ({}, 401),
    ],
)
async def test_what_a_person_may_not_see_does_not_exist_for_them(
    client: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    reference = await notify(client)
    for path in (f"/notifications/{reference}", f"/notifications/{reference}/timeline"):
        answer = await read(client, path, headers)
        assert answer.status_code == status
        nothing = await read(client, path.replace(reference, "SS-2026-00000000"), headers)
        if status == 404:
            differ = {"instance", "trace_id", "detail"}
            told = [{k: v for k, v in one.json().items() if k not in differ}
                    for one in (answer, nothing)]  # fmt: skip
            assert told[0] == told[1]


async def test_another_service_reads_no_personal_data(client: httpx.AsyncClient) -> None:
    reference = await notify(client)
    found = (await read(client, f"/notifications/{reference}", as_("service"))).json()
    assert (found["area"], found["kind"]) == (FIFE, "death-looked-after-child")
    assert (found["notifier"], found["subject"], found["late_reason"]) == (None, None, None)
    assert found["details"] == {}


async def test_each_reading_is_recorded_in_order_even_of_many_at_once(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    reference = await notify(client)
    path = f"/notifications/{reference}"
    answers = await asyncio.gather(*(read(client, path, INSPECTOR) for _ in range(8)))
    assert [answer.status_code for answer in answers] == [200] * 8
    await read(client, path, as_("service"))
    await read(client, f"{path}/timeline", INSPECTOR)
    async with transactions.begin() as tx:
        rows = (await tx.session.execute(text("SELECT * FROM audit_log"))).all()
        assert await first_broken(tx.session) is None
    assert {(row.actor, row.act, row.subject) for row in rows} == {
        ("inspector-1", "notification.read", reference)
    }
    assert len(rows) == 8


async def test_a_repeated_request_is_one_notification(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    headers = NOTIFIER | {"Idempotency-Key": "morning-1"}

    async def send(**given: Any) -> httpx.Response:
        return await client.post("/notifications", json=a_body(**given), headers=headers)

    answers = await asyncio.gather(*(send() for _ in range(6)))
    assert {answer.content for answer in answers} == {answers[0].content}
    assert await count(transactions, "notifications") == 1
    other = await send(area=STIRLING)
    assert (other.status_code, named(other)) == (422, ["Idempotency-Key"])


async def test_a_refused_request_may_be_put_right_under_the_same_key(
    client: httpx.AsyncClient,
) -> None:
    headers = NOTIFIER | {"Idempotency-Key": "morning-2"}
    bad = await client.post("/notifications", json=a_body(kind="?"), headers=headers)
    good = await client.post("/notifications", json=a_body(), headers=headers)
    assert (bad.status_code, good.status_code) == (422, 201)


async def test_a_repeat_that_would_be_refused_by_now_gets_its_first_answer(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    key = {"Idempotency-Key": "morning-3"}
    first = await client.post("/notifications", json=a_body(), headers=NOTIFIER | key)
    # The same person, whose area was taken away in between.
    moved = as_("notifier", areas=[STIRLING]) | key
    again = await client.post("/notifications", json=a_body(), headers=moved)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert await count(transactions, "notifications") == 1


async def test_pages_hold_every_notification_once_newest_first(
    client: httpx.AsyncClient,
) -> None:
    made = [await notify(client) for _ in range(5)]
    seen, path = [], "/notifications?limit=2"
    while path:
        found = (await read(client, path, INSPECTOR)).json()
        seen += [item["reference"] for item in found["items"]]
        path = f"/notifications?limit=2&cursor={found['next']}" if found["next"] else ""
    assert seen == made[::-1]


async def test_a_list_holds_nobodys_personal_data(client: httpx.AsyncClient) -> None:
    await notify(client)
    (item,) = (await read(client, "/notifications", INSPECTOR)).json()["items"]
    assert set(item) == {
        "reference", "kind", "area", "status", "occurred_at", "aware_at", "received_at",
    }  # fmt: skip


async def test_a_list_is_narrowed_by_what_is_asked(client: httpx.AsyncClient) -> None:
    both = as_("notifier", areas=[FIFE, STIRLING])
    first = await notify(client, both)
    second = await notify(client, both, area=STIRLING)
    third = await notify(
        client, both, kind="death-aftercare", details={"residing_at_death": "Home"}
    )

    async def listed(headers: dict[str, str] = SUPPORT, **query: str) -> list[str]:
        answer = await client.get("/notifications", params=query, headers=headers)
        assert answer.status_code == 200, answer.text
        return [item["reference"] for item in answer.json()["items"]]

    received = (await read(client, f"/notifications/{second}", SUPPORT)).json()["received_at"]
    assert await listed() == [third, second, first]
    assert await listed(area=STIRLING) == [second]
    assert await listed(kind="death-aftercare") == [third]
    assert await listed(status="received") == [third, second, first]
    assert await listed(status="closed") == []
    assert await listed(received_from=received) == [third, second]
    assert await listed(received_to=received) == [first]
    assert await listed(received_from=received, kind="death-aftercare", area=FIFE) == [third]
    assert await listed(INSPECTOR) == [third, first]
    assert await listed(INSPECTOR, area=STIRLING) == []
    assert await listed(as_("strategic-inspector")) == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("received_from=yesterday", "received_from"),
        ("received_from=2026-03-28T22:30:00", "received_from"),
        ("received_to=0001-01-01T00:00:00%2B14:00", "received_to"),
        ("limit=0", "limit"),
        ("limit=many", "limit"),
        ("cursor=x", "cursor"),
        ("cursor=W1sieCIsInkiXV0", "cursor"),  # [["x","y"]]
        ("cursor=W1sxLDJdXQ", "cursor"),  # [[1,2]]
        ("cursor=WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzE0OjAwIiwieCJd", "cursor"),  # year 0 in UTC
    ],
)
async def test_a_question_that_makes_no_sense_is_refused_by_name(
    client: httpx.AsyncClient, query: str, field: str
) -> None:
    answer = await read(client, f"/notifications?{query}", INSPECTOR)
    assert (answer.status_code, named(answer)) == (422, [field])


async def test_a_position_that_no_line_has_ends_the_timeline(client: httpx.AsyncClient) -> None:
    reference = await notify(client)
    far = b64encode(b'["2999-01-01T00:00:00Z",9223372036854775807]').decode().rstrip("=")
    answer = await read(client, f"/notifications/{reference}/timeline?cursor={far}", INSPECTOR)
    assert (answer.status_code, answer.json()["items"]) == (200, [])


async def test_the_document_says_what_each_post_takes_and_answers(
    client: httpx.AsyncClient,
) -> None:
    document = (await read(client, "/schema/openapi.json", {})).json()
    posts = {path: found["post"] for path, found in document["paths"].items() if "post" in found}
    for path in (path for path in posts if path.startswith(("/notifications", "/drafts"))):
        answer = posts[path]["responses"]["201"]["content"]["application/json"]["schema"]
        assert answer["$ref"].startswith("#/components/schemas/"), path
        assert "requestBody" in posts[path] or path.endswith("/submit")
    (form,) = posts["/notifications/{reference}/reports"]["requestBody"]["content"]
    assert form == "multipart/form-data"


@pytest.mark.parametrize("path", ["%00", "x" * 5000, "%F0%9F%A6%86", "..%2f..%2fetc"])
async def test_a_reference_nobody_has_is_not_found(client: httpx.AsyncClient, path: str) -> None:
    answer = await read(client, f"/notifications/{path}", INSPECTOR)
    assert answer.status_code in {404, 422}


async def test_the_timeline_begins_with_the_receipt(client: httpx.AsyncClient) -> None:
    reference = await notify(client)
    found = (await read(client, f"/notifications/{reference}/timeline", INSPECTOR)).json()
    (line,) = found["items"]
    assert (line["service"], line["what"]) == ("intake", "notification.received")
    assert line["text"] == (
        "The notification (Death of a looked-after child) was received over the web."
    )
    assert line["facts"] == {"kind": "death-looked-after-child", "late_reason_given": True}
    assert (len(line["trace_id"]), found["next"]) == (32, None)


async def test_the_kinds_are_answered_as_they_are_on_a_day(client: httpx.AsyncClient) -> None:
    now = {one["kind"]: one for one in (await read(client, "/kinds", NOTIFIER)).json()}
    assert set(now) == set(kinds())
    death = now["death-looked-after-child"]
    assert death["required"] == [
        "kind", "area", "occurred_at", "notifier", "subject",
        "details.legal_basis", "details.residing_at_death",
    ]  # fmt: skip
    assert (death["accepted"], death["why_not"], death["stages"]) == (True, None, ["report"])
    assert "strategic.scrutiny@example.org" in now["significant-case-review-adult"]["why_not"]
    assert "before 2021-09-01" in now["initial-case-review-child"]["why_not"]
    then = (await read(client, "/kinds?on=2021-08-31", NOTIFIER)).json()
    accepted = {one["kind"] for one in then if one["accepted"]}
    assert "initial-case-review-child" in accepted
    assert not accepted & {"learning-review-child", "learning-review-adult"}


@pytest.mark.parametrize("name", sorted(kinds()))
async def test_what_a_kind_requires_is_what_is_missed(client: httpx.AsyncClient, name: str) -> None:
    listed = (await read(client, "/kinds", NOTIFIER)).json()
    (kind,) = [one for one in listed if one["kind"] == name]
    body = {"kind": name, "area": FIFE, "occurred_at": "2021-08-31T10:00:00Z"}
    whole = a_body()["notifier"]
    shape = await client.post("/notifications", json={}, headers=NOTIFIER)
    rules = await client.post("/notifications", json=body | {"notifier": whole}, headers=NOTIFIER)
    missed = set(named(shape)) | set(named(rules))
    required = set(kind["required"])
    if name == "significant-case-review-adult":
        required = {field for field in required if not field.startswith("details.")}
    # It happened years ago: a kind that asks why it comes late asks it here.
    required |= {"late_reason"} if kind["late_reason_after_days"] is not None else set()
    assert missed == required if rules.status_code == 422 else missed <= required


async def test_the_document_says_that_an_attachment_is_bytes_and_no_json(
    client: httpx.AsyncClient,
) -> None:
    document = (await read(client, "/schema/openapi.json", {})).json()
    path = document["paths"]["/notifications/{reference}/attachments/{attachment}"]
    assert list(path["get"]["responses"]["200"]["content"]) == ["application/octet-stream"]
