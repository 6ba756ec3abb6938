"""What is added to a case over HTTP: reports with attachments, addenda, decisions and reviews."""

import asyncio
from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from sqlalchemy import text

from shared.audit import first_broken
from shared.transaction import Transactions
from tests.access_kit import as_
from tests.intake.builders import (
    FIFE,
    INSPECTOR,
    NOTIFIER,
    STIRLING,
    SUPPORT,
    hand_in,
    named,
    notify,
)

CONTENT = b"%PDF-1.7 " + bytes(range(256)) * 700
FILE = ("report é.pdf", CONTENT)


async def show(client: httpx.AsyncClient, reference: str) -> dict[str, Any]:
    answer = await client.get(f"/notifications/{reference}", headers=INSPECTOR)
    assert answer.status_code == 200
    return answer.json()


async def events(transactions: Transactions) -> list[tuple[int, str]]:
    async with transactions.begin() as tx:
        rows = await tx.session.execute(text("SELECT sequence, type FROM outbox ORDER BY position"))
    return [(row.sequence, row.type.removeprefix("scot.scrutiny.")) for row in rows]


def stored(attachments: Path) -> list[Path]:
    return [path for path in attachments.rglob("*") if path.is_file()]


async def broken_off(
    chunks: list[bytes], at_the_end: Callable[[], object]
) -> AsyncIterator[dict[str, Any]]:
    """What a server tells an application of a body whose sender goes away."""
    for chunk in chunks:
        yield {"type": "http.request", "body": chunk, "more_body": True}
    at_the_end()
    yield {"type": "http.disconnect"}


async def post_by_hand(
    client: httpx.AsyncClient,
    path: str,
    headers: dict[str, str],
    received: AsyncIterator[dict[str, Any]],
) -> int:
    """The status of a POST whose messages are chosen one by one."""
    told: list[Any] = []

    async def send(message: Any) -> None:
        told.append(message)

    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": path,
        "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    app: Any = cast("httpx.ASGITransport", client._transport).app
    await app(scope, received.__anext__, send)
    return told[0]["status"]


def take_away(attachments: Path) -> None:
    attachments.rmdir()
    attachments.write_text("no folder any more")


async def add(
    client: httpx.AsyncClient, reference: str, what: str, body: Any, headers: dict[str, str]
) -> httpx.Response:
    return await client.post(f"/notifications/{reference}/{what}", json=body, headers=headers)


async def test_a_report_is_handed_in_and_its_attachment_comes_back_as_it_was(
    client: httpx.AsyncClient,
) -> None:
    reference = await notify(client)
    answer = await hand_in(client, reference, FILE, ("b.txt", b""))
    assert answer.status_code == 201, answer.text
    made = answer.json()
    first, second = made["attachments"]
    assert (made["stage"], made["addendum_to"]) == ("report", None)
    assert (first["name"], first["size"]) == ("report é.pdf", len(CONTENT))
    assert first["sha256"] == sha256(CONTENT).hexdigest()
    assert (second["size"], second["content_type"]) == (0, "application/pdf")
    assert (await show(client, reference))["submissions"] == [made]
    path = f"/notifications/{reference}/attachments/{first['id']}"
    file = await client.get(path, headers=INSPECTOR)
    assert file.content == CONTENT
    assert file.headers["content-type"] == "application/octet-stream"
    assert file.headers["content-disposition"] == (
        "attachment; filename*=UTF-8''report%20%C3%A9.pdf"
    )


async def test_a_report_may_come_without_attachments(client: httpx.AsyncClient) -> None:
    reference = await notify(client)
    form = {"Content-Type": "multipart/form-data; boundary=b"}
    body = b'--b\r\nContent-Disposition: form-data; name="stage"\r\n\r\nreport\r\n--b--\r\n'
    answer = await client.post(
        f"/notifications/{reference}/reports", content=body, headers=NOTIFIER | form
    )
    assert (answer.status_code, answer.json()["attachments"]) == (201, [])


@pytest.mark.parametrize(
    "stage", ["outcome", "notify", " ", "x" * 11_000], ids=["outcome", "notify", "blank", "long"]
)
async def test_a_refused_report_leaves_nothing_behind(
    client: httpx.AsyncClient,
    transactions: Transactions,
    attachments: Path,
    stage: str,
) -> None:
    reference = await notify(client)
    answer = await hand_in(client, reference, FILE, stage=stage)
    assert (answer.status_code, named(answer)) == (422, ["stage"])
    assert stored(attachments) == []
    assert (await show(client, reference))["submissions"] == []
    assert len(await events(transactions)) == 1


async def test_a_file_that_is_too_large_is_refused_and_not_kept(
    client: httpx.AsyncClient, attachments: Path
) -> None:
    reference = await notify(client)
    answer = await hand_in(client, reference, FILE, ("large.pdf", b"x" * 2_000_001))
    assert (answer.status_code, stored(attachments)) == (422, [])


async def test_too_many_files_are_refused(client: httpx.AsyncClient, attachments: Path) -> None:
    reference = await notify(client)
    answer = await hand_in(client, reference, *[(f"{n}.pdf", b"x") for n in range(21)])
    assert (answer.status_code, named(answer)) == (422, ["attachment"])
    assert stored(attachments) == []


async def test_a_sender_who_goes_away_in_the_middle_leaves_nothing_behind(
    client: httpx.AsyncClient, transactions: Transactions, attachments: Path
) -> None:
    reference = await notify(client)
    disposition = b'--b\r\nContent-Disposition: form-data; name="attachment"; filename="%s"\r\n\r\n'
    chunks = [disposition % b"whole.pdf" + CONTENT + b"\r\n", disposition % b"half.pdf" + CONTENT]
    form = NOTIFIER | {"Content-Type": "multipart/form-data; boundary=b"}
    kept: list[int] = []
    sent = broken_off(chunks, lambda: kept.append(len(stored(attachments))))
    status = await post_by_hand(client, f"/notifications/{reference}/reports", form, sent)
    assert (status, kept[0] > 0, stored(attachments)) == (400, True, [])
    assert len(await events(transactions)) == 1


async def test_without_the_file_store_nothing_is_recorded_and_all_else_goes_on(
    client: httpx.AsyncClient, transactions: Transactions, attachments: Path
) -> None:
    reference = await notify(client)
    take_away(attachments)
    answer = await hand_in(client, reference, FILE)
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)
    assert len(await events(transactions)) == 1
    assert (await show(client, reference))["submissions"] == []


async def test_a_repeated_report_is_handed_in_once_and_its_files_are_stored_once(
    client: httpx.AsyncClient, attachments: Path
) -> None:
    reference = await notify(client)
    headers = NOTIFIER | {"Idempotency-Key": "report-1"}
    answers = await asyncio.gather(
        *(hand_in(client, reference, FILE, headers=headers) for _ in range(4))
    )
    assert [answer.status_code for answer in answers] == [201] * 4
    assert {answer.content for answer in answers} == {answers[0].content}
    assert len((await show(client, reference))["submissions"]) == 1
    assert len(stored(attachments)) == 1
    other = await hand_in(client, reference, ("report é.pdf", b"other"), headers=headers)
    assert (other.status_code, named(other)) == (422, ["Idempotency-Key"])
    assert len(stored(attachments)) == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (as_("notifier", areas=[STIRLING]), 404),
        (as_("strategic-inspector", areas=[FIFE]), 403),
        (as_("operator"), 403),
        ({}, 401),
    ],
)
async def test_only_who_may_hand_in_for_an_area_does(
    client: httpx.AsyncClient, attachments: Path, headers: dict[str, str], status: int
) -> None:
    reference = await notify(client)
    answer = await hand_in(client, reference, FILE, headers=headers)
    assert answer.status_code == status
    assert stored(attachments) == []


async def test_an_attachment_is_read_only_by_who_may_see_its_case(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    both = as_("notifier", areas=[FIFE, STIRLING])
    reference, other = await notify(client, both), await notify(client, both, area=STIRLING)
    made = (await hand_in(client, reference, FILE)).json()
    attachment = made["attachments"][0]["id"]
    path = f"/notifications/{reference}/attachments/{attachment}"
    refused = {
        path: [as_("notifier", areas=[STIRLING]), as_("operator"), as_("service")],
        f"/notifications/{other}/attachments/{attachment}": [SUPPORT, INSPECTOR],
        f"/notifications/{reference}/attachments/{made['id']}": [SUPPORT],
    }
    for place, callers in refused.items():
        for headers in callers:
            assert (await client.get(place, headers=headers)).status_code in {403, 404}
    assert (await client.get(path, headers=as_("auditor"))).status_code == 200
    async with transactions.begin() as tx:
        rows = (await tx.session.execute(text("SELECT act, after FROM audit_log"))).all()
        assert await first_broken(tx.session) is None
    assert [(row.act, row.after) for row in rows] == [
        ("attachment.read", {"attachment": attachment})
    ]


async def test_what_was_handed_in_is_corrected_beside_it(client: httpx.AsyncClient) -> None:
    reference = await notify(client)
    original = (await hand_in(client, reference, FILE)).json()
    path = f"/notifications/{reference}/addenda"
    files = [("attachment", ("page-9.pdf", b"the missing page", "application/pdf"))]
    form: dict[str, Any] = {"data": {"submission": original["id"]}, "files": files}
    answer = await client.post(path, headers=NOTIFIER, **form)
    assert answer.status_code == 201
    addendum = answer.json()
    assert (addendum["stage"], addendum["addendum_to"]) == ("report", original["id"])
    assert (await show(client, reference))["submissions"] == [original, addendum]
    unknown = await client.post(path, headers=NOTIFIER, data={"submission": "?"}, files=files)
    missing = await client.post(path, headers=NOTIFIER, files=files)
    assert unknown.status_code == 404
    assert (missing.status_code, named(missing)) == (422, ["submission"])


async def test_a_decision_is_recorded_with_when_it_was_made(client: httpx.AsyncClient) -> None:
    reference = await notify(client)
    made = {"decision": "learning-review", "at": "2026-03-30T10:00:00+01:00"}
    answer = await add(client, reference, "decisions", made, NOTIFIER)
    assert answer.status_code == 201
    assert answer.json()["decided_at"] == "2026-03-30T10:00:00+01:00"
    later = await add(client, reference, "decisions", {"decision": "no-learning-review"}, SUPPORT)
    assert later.json()["decided_at"] == later.json()["recorded_at"]
    found = (await show(client, reference))["decisions"]
    assert [one["decision"] for one in found] == ["learning-review", "no-learning-review"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"decision": "maybe"}, "decision"),
        ({}, "decision"),
        ({"decision": "learning-review", "at": "2026-03-30"}, "at"),
        ({"decision": "learning-review", "at": "2026-03-28T22:29:59Z"}, "at"),
        ({"decision": "learning-review", "at": "2999-01-01T00:00:00Z"}, "at"),
        ({"decision": "learning-review", "at": "0001-01-01T00:00:00+14:00"}, "at"),
        ({"decision": "learning-review", "by": "me"}, "by"),
    ],
)
async def test_a_decision_that_cannot_be_is_refused(
    client: httpx.AsyncClient, body: Any, field: str
) -> None:
    reference = await notify(client)
    answer = await add(client, reference, "decisions", body, NOTIFIER)
    assert (answer.status_code, named(answer)) == (422, [field])


async def test_an_inspector_reviews_what_was_handed_in(client: httpx.AsyncClient) -> None:
    reference = await notify(client)
    submission = (await hand_in(client, reference, FILE)).json()["id"]
    body = {"submission": submission, "outcome": "accepted", "feedback": "Clear and complete."}
    answer = await add(client, reference, "reviews", body, INSPECTOR)
    assert answer.status_code == 201
    assert (await show(client, reference))["reviews"] == [answer.json()]
    assert answer.json()["feedback"] == "Clear and complete."
    bad = {"submission": submission, "outcome": "fine", "feedback": ""}
    refused = await add(client, reference, "reviews", bad, INSPECTOR)
    assert (refused.status_code, named(refused)) == (422, ["outcome", "feedback"])
    nothing = await add(client, reference, "reviews", body | {"submission": "?"}, INSPECTOR)
    assert nothing.status_code == 404


@pytest.mark.parametrize(
    ("what", "headers", "status"),
    [
        ("decisions", as_("notifier", areas=[STIRLING]), 404),
        ("decisions", INSPECTOR, 403),
        ("decisions", as_("operator"), 403),
        ("reviews", as_("strategic-inspector", areas=[STIRLING]), 404),
        ("reviews", NOTIFIER, 403),
        ("reviews", as_("operator"), 403),
    ],
)
async def test_others_decide_and_review_nothing(
    client: httpx.AsyncClient, what: str, headers: dict[str, str], status: int
) -> None:
    reference = await notify(client)
    bodies = {
        "decisions": {"decision": "learning-review"},
        "reviews": {"submission": "x", "outcome": "accepted", "feedback": "Good."},
    }
    assert (await add(client, reference, what, bodies[what], headers)).status_code == status


async def test_what_happens_at_once_leaves_in_one_order(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    reference = await notify(client)
    submission = (await hand_in(client, reference, FILE)).json()["id"]
    review = {"submission": submission, "outcome": "returned-for-more", "feedback": "More."}
    await asyncio.gather(
        hand_in(client, reference, FILE),
        add(client, reference, "decisions", {"decision": "learning-review"}, NOTIFIER),
        add(client, reference, "decisions", {"decision": "no-learning-review"}, NOTIFIER),
        add(client, reference, "reviews", review, INSPECTOR),
    )
    told = await events(transactions)
    assert [sequence for sequence, _ in told] == [1, 2, 3, 4, 5, 6]
    assert told[0][1] == "notification.received.v1"
    found = await client.get(f"/notifications/{reference}", headers=INSPECTOR)
    assert found.headers["ETag"] == '"6"'
    lines = await client.get(f"/notifications/{reference}/timeline?limit=4", headers=INSPECTOR)
    rest = await client.get(
        f"/notifications/{reference}/timeline?cursor={lines.json()['next']}", headers=INSPECTOR
    )
    happened = [line["what"] for line in lines.json()["items"] + rest.json()["items"]]
    assert (len(happened), happened[0]) == (6, "notification.received")
    assert sorted(happened[1:]) == [
        "decision.recorded", "decision.recorded",
        "report.submitted", "report.submitted", "submission.reviewed",
    ]  # fmt: skip
