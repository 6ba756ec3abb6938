"""What is personal leaves intake by its API alone: not by tables, files, events, logs, traces."""

import json
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from services.intake.entrypoints.subscribers import subscribe
from shared.confidential.fields import FieldCipher
from shared.messaging.inbox import Consumer
from shared.messaging.parking import Parking
from shared.transaction import Transactions
from tests.intake.builders import (
    INSPECTOR,
    NOTIFIER,
    PERSONAL,
    STIRLING,
    a_body,
    hand_in,
    notify,
)
from tests.intake.partner_kit import PARTNER, headers, sent
from tests.tracing import Recorder, recorded

KEYED = NOTIFIER | {"Idempotency-Key": "once"}


def traces_of(values: Iterable[Any]) -> set[str]:
    """Which of the personal values stand somewhere in `values`, whatever they are encoded in."""
    found: set[str] = set()
    for value in values:
        content = value if isinstance(value, bytes) else _plain(value).encode()
        found |= {name for name, said in PERSONAL.items() if said.encode() in content}
    return found


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)


async def everything_stored(transactions: Transactions) -> list[Any]:
    """Every value of every column of every table."""
    async with transactions.begin() as tx:
        names = await tx.session.scalars(
            text("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        )
        found = [await tx.session.execute(text(f'SELECT * FROM "{name}"')) for name in names]
    return [value for rows in found for row in rows for value in row]


def everything_in(folder: Path) -> dict[str, bytes]:
    """Every file by its path."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def live_a_case(
    client: httpx.AsyncClient, transactions: Transactions, ring: FieldCipher
) -> str:
    """Everything that can be said of somebody is said once, by each way there is."""
    reference = await notify(client, KEYED)
    content = PERSONAL["content"].encode() * 5_000
    late = {"late_reason": PERSONAL["report_late"]}
    made = await hand_in(client, reference, (PERSONAL["file"], content), headers=KEYED, **late)
    await client.post(
        f"/notifications/{reference}/reviews",
        json={
            "submission": made.json()["id"],
            "outcome": "returned-for-more",
            "feedback": PERSONAL["feedback"],
        },
        headers=INSPECTOR | {"Idempotency-Key": "once"},
    )
    await client.get(f"/notifications/{reference}", headers=INSPECTOR)
    draft = await client.post("/drafts", json=a_body(), headers=KEYED)
    path = f"/drafts/{draft.json()['id']}"
    await client.put(path, json=a_body(), headers=NOTIFIER | {"If-Match": "*"})
    sent_draft = await client.post("/drafts", json=a_body(), headers=NOTIFIER)
    await client.post(f"/drafts/{sent_draft.json()['id']}/submit", headers=KEYED)
    consumer = Consumer("intake", transactions, Parking(ring))
    subscribe(consumer, ring, (PARTNER,))
    await consumer.take(
        [
            sent(),
            sent(a_body(area=STIRLING), header=headers("refused")),
            sent(header=headers(None), key=PERSONAL["subject"].encode()),
        ]
    )
    return reference


@pytest.fixture
async def lived(
    client: httpx.AsyncClient, transactions: Transactions, ring: FieldCipher
) -> AsyncIterator[Recorder]:
    """An intake in which a case was lived through, with every span of it."""
    with recorded() as recorder:
        await live_a_case(client, transactions, ring)
        yield recorder


async def test_nothing_personal_is_stored_in_clear(
    lived: Recorder, transactions: Transactions
) -> None:
    stored = await everything_stored(transactions)
    assert len(stored) > 200
    assert traces_of(stored) == set()


async def test_the_search_would_have_found_it(lived: Recorder, transactions: Transactions) -> None:
    values = {f"v{n}": value for n, value in enumerate(PERSONAL.values())}
    async with transactions.begin() as tx:
        await tx.session.execute(text("CREATE TABLE control (a text, b bytea, c jsonb)"))
        for column, cast in (("a", "text"), ("b", "bytea"), ("c", "jsonb")):
            for value in values.values():
                given: Any = {"a": value, "b": value.encode(), "c": json.dumps({"x": [value]})}
                await tx.session.execute(
                    text(f"INSERT INTO control ({column}) VALUES (CAST(:value AS {cast}))"),
                    {"value": given[column]},
                )
    for column in "abc":
        async with transactions.begin() as tx:
            found = list(await tx.session.scalars(text(f"SELECT {column} FROM control")))
        assert traces_of(found) == set(PERSONAL)
    assert traces_of(await everything_stored(transactions)) == set(PERSONAL)


async def test_the_owners_still_read_it_all(client: httpx.AsyncClient, lived: Recorder) -> None:
    listed = await client.get("/notifications", headers=INSPECTOR)
    references = [item["reference"] for item in listed.json()["items"]]
    answers = [await client.get(f"/notifications/{one}", headers=INSPECTOR) for one in references]
    assert traces_of(answer.content for answer in answers) == set(PERSONAL) - {"content"}


async def test_attachments_are_encrypted_and_named_after_nobody(
    lived: Recorder, attachments: Path
) -> None:
    files = everything_in(attachments)
    assert len(files) == 1
    assert traces_of([*files, *files.values()]) == set()
    (attachments / PERSONAL["file"]).write_bytes(b"..." + PERSONAL["content"].encode())
    files = everything_in(attachments)
    assert traces_of([*files, *files.values()]) == {"content", "file"}


async def test_spans_say_nothing_of_anybody(lived: Recorder) -> None:
    assert len(lived.spans) > 50
    told = [span.to_json() for span in lived.spans]
    assert any("scrutiny.reference" in one for one in told)
    assert traces_of(told) == set()


async def test_logs_say_nothing_of_anybody(
    client: httpx.AsyncClient,
    transactions: Transactions,
    ring: FieldCipher,
    capfd: pytest.CaptureFixture[str],
) -> None:
    await live_a_case(client, transactions, ring)
    out, err = capfd.readouterr()
    assert '"status":201' in out
    assert "consumer.parked" in out
    assert traces_of([out, err]) == set()


async def test_problems_repeat_nothing_that_was_sent(client: httpx.AsyncClient) -> None:
    everywhere = dict.fromkeys(a_body(), PERSONAL["subject"])
    somebody = {PERSONAL["subject"]: PERSONAL["notifier"]}
    bodies: list[Any] = [
        everywhere,
        a_body(**somebody),
        a_body(details=somebody),
        a_body(subject=somebody, notifier=somebody),
        a_body(occurred_at="2999-01-01T00:00:00Z", area=PERSONAL["residing"]),
        a_body(kind=PERSONAL["subject"]),
        a_body(details={"legal_basis": [PERSONAL["legal_basis"]], "residing_at_death": {}}),
        a_body(subject={"name": PERSONAL["subject"], "date_of_birth": "2999-09-17"}),
        [PERSONAL["subject"]],
        PERSONAL["subject"],
    ]
    answers = [await client.post("/notifications", json=one, headers=NOTIFIER) for one in bodies]
    broken = json.dumps(a_body())[:-1].encode()
    typed = NOTIFIER | {"Content-Type": "application/json"}
    answers.append(await client.post("/notifications", content=broken, headers=typed))
    reference = await notify(client)
    answers.append(await hand_in(client, reference, stage=PERSONAL["subject"]))
    answers.append(
        await client.post(
            f"/notifications/{reference}/reports",
            data=somebody,
            files={PERSONAL["file"]: (PERSONAL["file"], b"x")},
            headers=NOTIFIER,
        )
    )
    for what, caller in (("decisions", NOTIFIER), ("reviews", INSPECTOR)):
        path = f"/notifications/{reference}/{what}"
        body = {"decision": PERSONAL["subject"], "outcome": PERSONAL["subject"]}
        answers.append(await client.post(path, json=body | somebody, headers=caller))
    for query in ("kind", "cursor", "limit", "received_from"):
        params = {query: PERSONAL["subject"]}
        answers.append(await client.get("/notifications", params=params, headers=NOTIFIER))
    assert {answer.status_code for answer in answers} <= {200, 400, 404, 422}
    assert sum(answer.status_code == 422 for answer in answers) >= 15
    assert traces_of(answer.content for answer in answers) == set()
