"""Dates are corrected, reviews ratified, cases withdrawn, closed and reopened."""

from collections.abc import Sequence
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import select, text

from services.intake.storage.tables import PLUMBING
from shared.transaction import Transactions
from tests.access_kit import as_
from tests.intake.builders import (
    FIFE,
    INSPECTOR,
    NOTIFIER,
    PERSONAL,
    SUPPORT,
    hand_in,
    named,
    notify,
)

Json = dict[str, Any]
WHY = "The ward clock was wrong, says Quentina"
ELSEWHERE = as_("notifier", areas=["S12000030"], subject="elsewhere")
LRA: Json = {
    "kind": "learning-review-adult",
    "occurred_at": "2026-01-10T10:00:00Z",
    "aware_at": "2026-01-10T10:00:00Z",
    "details": {"reason": "A death"},
}


async def shown(client: httpx.AsyncClient, reference: str) -> tuple[Json, str]:
    answer = await client.get(f"/notifications/{reference}", headers=SUPPORT)
    return answer.json(), answer.headers["ETag"]


async def act(
    client: httpx.AsyncClient,
    reference: str,
    what: str,
    said: Json,
    headers: dict[str, str] = NOTIFIER,
) -> httpx.Response:
    """With the entity tag of now."""
    _, tag = await shown(client, reference)
    sent = headers | {"If-Match": tag}
    return await client.post(f"/notifications/{reference}/{what}", json=said, headers=sent)


async def correct(
    client: httpx.AsyncClient,
    reference: str,
    field: str,
    value: str,
    headers: dict[str, str] = NOTIFIER,
    **more: str,
) -> httpx.Response:
    said = {"field": field, "value": value, "reason": WHY} | more
    return await act(client, reference, "corrections", said, headers)


async def events(transactions: Transactions) -> Sequence[tuple[str, Json]]:
    outbox = PLUMBING.messaging.outbox
    async with transactions.begin() as tx:
        rows = await tx.session.execute(select(outbox).order_by(outbox.c.position))
        return [(row.type.split(".", 2)[2], msgspec.json.decode(row.body)) for row in rows]


async def test_a_corrected_date_keeps_what_was_said_before(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    reference = await notify(client)
    answer = await correct(client, reference, "occurred_at", "2026-03-28T21:00:00Z")
    assert answer.status_code == 201, answer.text
    case, _ = await shown(client, reference)
    assert case["occurred_at"] == "2026-03-28T21:00:00Z"
    (made,) = case["acts"]
    assert (made["what"], made["field"], made["reason"]) == ("corrected", "occurred_at", WHY)
    assert (made["before"], made["after"]) == ("2026-03-28T22:30:00Z", "2026-03-28T21:00:00Z")
    kind, body = (await events(transactions))[-1]
    assert kind == "date.corrected.v1"
    assert (body["before"], body["after"]) == ("2026-03-28T22:30:00Z", "2026-03-28T21:00:00Z")
    assert "reason" not in body


async def test_why_a_date_was_wrong_is_nowhere_in_clear(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    reference = await notify(client)
    await correct(client, reference, "aware_at", "2026-03-28T23:30:00Z")
    async with transactions.begin() as tx:
        stored = await tx.session.scalar(text("SELECT reason FROM case_acts"))
        lines = await tx.session.execute(text("SELECT text || facts::text FROM happenings"))
        assert WHY.encode() not in stored
        assert all(WHY not in line for line in lines.scalars())


@pytest.mark.parametrize(
    ("field", "value", "named_field"),
    [
        ("occurred_at", "2026-03-28T23:30:00Z", "value"),  # after aware_at
        ("aware_at", "2026-03-28T20:00:00Z", "value"),  # before occurred_at
        ("occurred_at", "2099-01-01T00:00:00Z", "value"),
        ("occurred_at", "1850-01-01T00:00:00Z", "value"),
        ("occurred_at", "2026-03-28T22:30:00Z", "value"),  # says it already
        ("colour", "2026-03-28T22:30:00Z", "field"),
        ("ratified_at", "2026-03-28T22:30:00Z", "field"),  # was never given
        ("decided_at", "2026-03-28T22:30:00Z", "decision"),
    ],
)
async def test_a_correction_that_makes_no_sense_is_named(
    client: httpx.AsyncClient, field: str, value: str, named_field: str
) -> None:
    reference = await notify(client)
    answer = await correct(client, reference, field, value)
    assert (answer.status_code, answer.status_code and named_field in named(answer)) == (422, True)


async def test_a_correction_says_which_version_it_corrects(client: httpx.AsyncClient) -> None:
    reference = await notify(client)
    said = {"field": "occurred_at", "value": "2026-03-28T21:00:00Z", "reason": WHY}
    path = f"/notifications/{reference}/corrections"
    assert (await client.post(path, json=said, headers=NOTIFIER)).status_code == 428
    stale = NOTIFIER | {"If-Match": '"99"'}
    assert (await client.post(path, json=said, headers=stale)).status_code == 412
    keyed = {"Idempotency-Key": "once"}
    _, tag = await shown(client, reference)
    first = await client.post(path, json=said, headers=NOTIFIER | keyed | {"If-Match": tag})
    again = await client.post(path, json=said, headers=NOTIFIER | keyed | {"If-Match": tag})
    assert (first.status_code, again.json()) == (201, first.json())


async def test_a_correction_keeps_the_kind_acceptable(client: httpx.AsyncClient) -> None:
    reference = await notify(client, **LRA)
    answer = await correct(client, reference, "occurred_at", "2022-05-25T12:00:00Z")
    assert answer.status_code == 422
    assert "2022-05-26" in answer.text


async def test_the_date_of_a_decision_is_corrected(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    reference = await notify(client)
    said = {"decision": "learning-review", "at": "2026-03-29T12:00:00Z"}
    made = await client.post(f"/notifications/{reference}/decisions", json=said, headers=NOTIFIER)
    answer = await correct(
        client, reference, "decided_at", "2026-03-29T13:00:00Z", decision=made.json()["id"]
    )
    assert answer.status_code == 201, answer.text
    case, _ = await shown(client, reference)
    assert [one["decided_at"] for one in case["decisions"]] == ["2026-03-29T13:00:00Z"]
    assert (await events(transactions))[-1][1]["decision"] == made.json()["id"]


async def test_a_review_is_ratified_once_and_corrected_after_that(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    reference = await notify(client, **LRA)
    said = {"at": "2026-02-01T12:00:00Z"}
    assert (await act(client, reference, "ratifications", said)).status_code == 201
    assert (await act(client, reference, "ratifications", said)).status_code == 409
    assert (await events(transactions))[-1][0] == "review.ratified.v1"
    await correct(client, reference, "ratified_at", "2026-02-02T12:00:00Z")
    case, _ = await shown(client, reference)
    assert case["ratified_at"] == "2026-02-02T12:00:00Z"


async def test_only_a_kind_that_is_ratified_can_be(client: httpx.AsyncClient) -> None:
    answer = await act(client, await notify(client), "ratifications", {})
    assert (answer.status_code, named(answer)) == (422, ["at"])


@pytest.mark.parametrize(
    ("what", "status", "by"),
    [("closings", "closed", INSPECTOR), ("withdrawals", "withdrawn", NOTIFIER)],
)
async def test_a_case_that_ended_takes_nothing_new_until_it_is_reopened(
    client: httpx.AsyncClient, what: str, status: str, by: dict[str, str]
) -> None:
    reference = await notify(client)
    report = (await hand_in(client, reference, ("a.pdf", b"one"))).json()["id"]
    assert (await act(client, reference, what, {"reason": "All done here"}, by)).status_code == 201
    assert (await shown(client, reference))[0]["status"] == status
    listed = await client.get(f"/notifications?status={status}", headers=SUPPORT)
    assert [one["reference"] for one in listed.json()["items"]] == [reference]
    for refused in (
        await hand_in(client, reference, ("b.pdf", b"two")),
        await client.post(
            f"/notifications/{reference}/addenda",
            data={"submission": report},
            files=[("attachment", ("c.pdf", b"three"))],
            headers=NOTIFIER,
        ),
        await act(client, reference, "decisions", {"decision": "learning-review"}),
        await correct(client, reference, "occurred_at", "2026-03-28T21:00:00Z"),
        await act(client, reference, what, {"reason": "Once more"}, by),
    ):
        assert refused.status_code == 409, refused.text
    again = await act(client, reference, "reopenings", {"reason": "More came"}, INSPECTOR)
    assert again.status_code == 201
    assert (await hand_in(client, reference, ("b.pdf", b"two"))).status_code == 201
    assert (
        await act(client, reference, "reopenings", {"reason": "More came"}, INSPECTOR)
    ).status_code == 409


async def test_the_timeline_tells_each_ending(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    reference = await notify(client)
    await act(client, reference, "closings", {"reason": "Done"}, INSPECTOR)
    await act(client, reference, "reopenings", {"reason": "Not done"}, INSPECTOR)
    await act(client, reference, "withdrawals", {"reason": "Not notifiable"})
    lines = (await client.get(f"/notifications/{reference}/timeline", headers=SUPPORT)).json()
    wanted = ["case.closed", "case.reopened", "notification.withdrawn"]
    assert [line["what"] for line in lines["items"]][1:] == wanted
    told = [kind for kind, _ in await events(transactions)]
    assert told[1:] == ["case.closed.v1", "case.reopened.v1", "notification.withdrawn.v1"]


@pytest.mark.parametrize(
    "what", ["corrections", "ratifications", "withdrawals", "closings", "reopenings"]
)
async def test_a_case_elsewhere_does_not_exist(client: httpx.AsyncClient, what: str) -> None:
    reference = await notify(client)
    said = {
        "corrections": {"field": "aware_at", "value": "2026-03-29T00:00:00Z", "reason": "x"},
        "ratifications": {},
    }.get(what, {"reason": "x"})
    inspector = as_("strategic-inspector", areas=["S12000030"], subject="other")
    by = ELSEWHERE if what in {"corrections", "ratifications", "withdrawals"} else inspector
    sent = by | {"If-Match": "*"}
    answer = await client.post(f"/notifications/{reference}/{what}", json=said, headers=sent)
    assert answer.status_code == 404


async def test_only_some_roles_may_end_a_case(client: httpx.AsyncClient) -> None:
    reference = await notify(client)
    said = {"reason": "Done"}
    assert (await act(client, reference, "closings", said, NOTIFIER)).status_code == 403
    assert (await act(client, reference, "withdrawals", said, INSPECTOR)).status_code == 403


async def test_whose_account_it_was_is_for_our_own_people(client: httpx.AsyncClient) -> None:
    reference = await notify(client)
    await correct(client, reference, "aware_at", "2026-03-28T23:30:00Z")
    await act(client, reference, "closings", {"reason": "Done"}, INSPECTOR)
    accounts = {}
    for reader, headers in (("office", INSPECTOR), ("notifier", NOTIFIER)):
        answer = await client.get(f"/notifications/{reference}", headers=headers)
        accounts[reader] = [one["recorded_by"] for one in answer.json()["acts"]]
    notifier, inspector = accounts["office"]
    assert notifier != inspector
    assert accounts["notifier"] == [notifier, None]


async def test_another_service_reads_acts_without_their_reasons(client: httpx.AsyncClient) -> None:
    reference = await notify(client)
    await correct(client, reference, "aware_at", "2026-03-28T23:30:00Z")
    service = as_("service", subject="deadlines")
    answer = await client.get(f"/notifications/{reference}", headers=service)
    assert [(one["reason"], one["recorded_by"]) for one in answer.json()["acts"]] == [("", None)]
    assert PERSONAL["subject"] not in answer.text
    assert FIFE in answer.text
