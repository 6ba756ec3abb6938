"""A report that is handed in late says why; who may read it does, and nobody else."""

from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import text

from shared.transaction import Transactions
from tests.access_kit import as_
from tests.intake.builders import NOTIFIER, SUPPORT, hand_in, named, notify
from tests.intake.test_cases import stored

WHY = "The records of Zebedee's school were under water"
FILE = ("report.pdf", b"%PDF-1.7")
REVIEW: dict[str, Any] = {
    "kind": "initial-case-review-child",
    "occurred_at": "2021-08-02T10:00:00Z",
    "aware_at": None,
    "details": {"reason": "An injury"},
}


async def submissions(client: httpx.AsyncClient, reference: str, by: dict[str, str]) -> Any:
    return (await client.get(f"/notifications/{reference}", headers=by)).json()["submissions"]


async def told(transactions: Transactions, kind: str) -> dict[str, Any]:
    """The last event of that type, and nothing of the reason in it."""
    wanted = text("SELECT body FROM outbox WHERE type LIKE :kind ORDER BY position DESC LIMIT 1")
    async with transactions.begin() as tx:
        body = await tx.session.scalar(wanted, {"kind": f"%{kind}%"})
    assert WHY.encode() not in body
    return msgspec.json.decode(body)


@pytest.mark.parametrize("reason", ["", " \n"])
async def test_a_late_report_without_a_reason_is_refused_and_nothing_of_it_stays(
    client: httpx.AsyncClient, attachments: Path, reason: str
) -> None:
    reference = await notify(client, **REVIEW)
    answer = await hand_in(client, reference, FILE, stage="agency-report", late_reason=reason)
    assert (answer.status_code, named(answer)) == (422, ["late_reason"])
    assert await submissions(client, reference, SUPPORT) == []
    assert stored(attachments) == []


async def test_the_reason_is_answered_to_people_and_to_no_other_service(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    reference = await notify(client, **REVIEW)
    answer = await hand_in(client, reference, FILE, stage="agency-report", late_reason=f" {WHY} ")
    assert (answer.status_code, answer.json()["late_reason"]) == (201, WHY)
    assert await submissions(client, reference, SUPPORT) == [answer.json()]
    service = as_("service", subject="deadlines")
    assert [one["late_reason"] for one in await submissions(client, reference, service)] == [None]
    assert (await told(transactions, "report.submitted"))["late_reason_given"] is True


async def test_the_timeline_says_only_that_a_reason_was_given(client: httpx.AsyncClient) -> None:
    reference = await notify(client)
    await hand_in(client, reference, FILE)
    await hand_in(client, reference, FILE, late_reason=WHY)
    answer = await client.get(f"/notifications/{reference}/timeline", headers=SUPPORT)
    lines = answer.json()["items"][1:]
    assert [line["facts"]["late_reason_given"] for line in lines] == [False, True]
    assert [line["text"] for line in lines] == [
        "The report was handed in with 1 attachment.",
        "The report was handed in with 1 attachment, and why it is late.",
    ]
    assert WHY not in answer.text


async def test_a_report_that_gives_no_reason_says_so(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    answer = await hand_in(client, await notify(client), FILE)
    assert answer.json()["late_reason"] is None
    assert (await told(transactions, "report.submitted"))["late_reason_given"] is False


async def test_a_reason_that_was_wrong_is_put_right_beside_it(client: httpx.AsyncClient) -> None:
    reference = await notify(client)
    original = (await hand_in(client, reference, FILE, late_reason="It was late")).json()
    sent = {"submission": original["id"], "late_reason": WHY}
    path = f"/notifications/{reference}/addenda"
    files = [("attachment", (*FILE, "application/pdf"))]
    addendum = await client.post(path, data=sent, files=files, headers=NOTIFIER)
    assert addendum.status_code == 201, addendum.text
    found = await submissions(client, reference, SUPPORT)
    assert [one["late_reason"] for one in found] == ["It was late", WHY]


async def test_a_repeat_with_another_reason_is_another_request(client: httpx.AsyncClient) -> None:
    reference = await notify(client)
    keyed = NOTIFIER | {"Idempotency-Key": "report-1"}
    first = await hand_in(client, reference, FILE, headers=keyed, late_reason=WHY)
    again = await hand_in(client, reference, FILE, headers=keyed, late_reason=WHY)
    other = await hand_in(client, reference, FILE, headers=keyed, late_reason="Another")
    assert (first.status_code, again.content) == (201, first.content)
    assert (other.status_code, named(other)) == (422, ["Idempotency-Key"])


async def test_the_kinds_say_which_stages_ask_for_a_reason(client: httpx.AsyncClient) -> None:
    answer = await client.get("/kinds", headers=NOTIFIER)
    found = {one["kind"]: one["late_reasons"] for one in answer.json() if one["late_reasons"]}
    asked = {"agency-report": {"after_days": 14, "since": "aware_at"}}
    assert found == {"initial-case-review-child": asked}
