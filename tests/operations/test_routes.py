"""What operators can see and do over HTTP, and what nobody else can."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from shared.messaging.inbox import Consumer
from tests.access_kit import as_
from tests.messaging.ledger import Ledger
from tests.operations.conftest import Fault

OPERATOR = as_("operator", subject="op-1")


async def parked(ledger: Ledger, consumer: Consumer, count: int = 1) -> list[str]:
    await consumer.take([ledger.delivery(number, body=None) for number in range(1, count + 1)])
    return [row.id for row in await ledger.parked()]


async def post(client: httpx.AsyncClient, path: str, **sent: Any) -> httpx.Response:
    headers = OPERATOR | {"Idempotency-Key": uuid4().hex}
    return await client.post(path, headers=headers | sent.pop("headers", {}), **sent)


async def test_an_operator_sees_how_the_chain_is(
    client: httpx.AsyncClient, ledger: Ledger, consumer: Consumer
) -> None:
    await parked(ledger, consumer, 2)
    await ledger.note_many(["a"], 3)
    told = (await client.get("/operations", headers=OPERATOR)).json()
    assert told["outbox"]["unsent"] == 3
    assert told["parked"] == {"waiting": 2}
    assert (told["workers"], told["consumers"], told["timers"]) == ([], [], [])


async def test_parked_messages_are_listed_by_pages_without_their_bodies(
    client: httpx.AsyncClient, ledger: Ledger, consumer: Consumer
) -> None:
    ids = await parked(ledger, consumer, 5)
    first = (await client.get("/parked?limit=3", headers=OPERATOR)).json()
    cursor = first["next"]
    rest = (await client.get(f"/parked?limit=3&cursor={cursor}", headers=OPERATOR)).json()
    assert [one["id"] for one in first["items"] + rest["items"]] == ids
    assert rest["next"] is None
    assert "Morag" not in str(first)
    assert "record" not in first["items"][0]


async def test_a_message_is_mended_redriven_and_no_longer_waits(
    client: httpx.AsyncClient, ledger: Ledger, consumer: Consumer, fault: Fault
) -> None:
    one, two = await parked(ledger, consumer, 2)
    assert (await post(client, f"/parked/{two}/redrive")).json()["took_effect"] == 0
    fault.mended = True
    answer = await post(client, f"/parked/{two}/redrive")
    assert answer.json()["took_effect"] == 2
    assert answer.json()["parked"]["settled_by"] == "op-1"
    assert await ledger.effects() == {"a": [1, 2]}
    assert (await post(client, f"/parked/{one}/redrive")).status_code == 409
    assert (await client.get("/parked", headers=OPERATOR)).json()["items"] == []
    everything = await client.get("/parked?waiting=false", headers=OPERATOR)
    assert [one["state"] for one in everything.json()["items"]] == ["redriven", "redriven"]


async def test_giving_up_needs_a_reason_and_is_done_once(
    client: httpx.AsyncClient, ledger: Ledger, consumer: Consumer
) -> None:
    (one,) = await parked(ledger, consumer)
    path = f"/parked/{one}/discard"
    refused = await post(client, path, json={"reason": "no"})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "reason"
    key = {"Idempotency-Key": "the-same"}
    reason = {"reason": "sent twice by mistake"}
    answers = [await post(client, path, json=reason, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert (await post(client, path, json=reason)).status_code == 409


@pytest.mark.parametrize("role", ["notifier", "strategic-inspector", "support-officer", "service"])
async def test_others_may_neither_look_nor_act(
    client: httpx.AsyncClient, ledger: Ledger, consumer: Consumer, role: str
) -> None:
    (one,) = await parked(ledger, consumer)
    headers = as_(role)
    for path in ("/operations", "/parked", f"/parked/{one}"):
        assert (await client.get(path, headers=headers)).status_code == 403
        assert (await client.get(path)).status_code == 401
    for act in ("redrive", "discard"):
        answer = await post(client, f"/parked/{one}/{act}", json={}, headers=headers)
        assert answer.status_code == 403


async def test_an_auditor_looks_and_does_not_act(
    client: httpx.AsyncClient, ledger: Ledger, consumer: Consumer
) -> None:
    (one,) = await parked(ledger, consumer)
    auditor = as_("auditor")
    assert (await client.get(f"/parked/{one}", headers=auditor)).status_code == 200
    assert (await post(client, f"/parked/{one}/redrive", headers=auditor)).status_code == 403


async def test_what_does_not_exist_is_not_found(client: httpx.AsyncClient) -> None:
    assert (await client.get("/parked/none", headers=OPERATOR)).status_code == 404
    assert (await post(client, "/parked/none/redrive")).status_code == 404


async def test_giving_up_a_message_is_documented_as_what_it_answers(
    client: httpx.AsyncClient,
) -> None:
    document = (await client.get("/schema/openapi.json")).json()
    told = document["paths"]["/parked/{parked}/discard"]["post"]["responses"]["200"]
    assert told["content"]["application/json"]["schema"]["$ref"].endswith("ParkedOut")
