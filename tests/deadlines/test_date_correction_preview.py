"""What a corrected date would move is told before anybody corrects it, and nothing is changed."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.deadlines.use_cases.correct_date import correct_date
from shared.access.principal import Role
from shared.events.intake import DateCorrected
from shared.transaction import Transactions
from tests.access_kit import as_
from tests.deadlines.acting_kit import NOW, REPORT, declared, extended, rows
from tests.deadlines.builders import CASE, DIED, LAC, REFERENCE, RULEBOOK, decided, started
from tests.deadlines.official import FIFE
from tests.deadlines.test_act_routes import errors

NOTIFIER = as_(Role.NOTIFIER, areas=[FIFE], subject="notifier-1")
PATH = "/date-corrections/previews"
EARLIER = DIED - timedelta(days=2)
ASKED: dict[str, Any] = {
    "reference": REFERENCE,
    "field": "occurred_at",
    "before": DIED.isoformat(),
    "after": EARLIER.isoformat(),
}


async def foreseen(client: httpx.AsyncClient, **given: Any) -> dict[str, tuple[str, str]]:
    """Due before and after, by rule."""
    answer = await client.post(PATH, json=ASKED | given, headers=NOTIFIER)
    assert answer.status_code == 200, answer.text
    moved = answer.json()["moved"]
    return {one["rule"]: (one["due_on_before"], one["due_on_after"]) for one in moved}


async def test_a_preview_says_what_the_correction_then_does(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await started(transactions)
    await extended(transactions, 3)
    await declared(transactions)
    said = await foreseen(client)
    event = DateCorrected(
        reference=REFERENCE,
        kind=LAC,
        area=FIFE,
        field="occurred_at",
        before=DIED,
        after=EARLIER,
        corrected_at=NOW,
    )
    async with transactions.begin() as tx:
        await correct_date(tx, RULEBOOK, CASE, event, NOW)
    done = await rows(
        transactions,
        "SELECT due_on_before, due_on_after FROM turns WHERE because = 'date-corrected'",
    )
    assert said[REPORT] == ("2026-03-27", "2026-03-25")
    assert set(said.values()) == {(str(before), str(after)) for before, after in done}


async def test_a_preview_changes_nothing(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await started(transactions)
    everything = [
        f"SELECT * FROM {table} ORDER BY 1" for table in ("cases", "clocks", "turns", "outbox")
    ]
    before = [await rows(transactions, each) for each in everything]
    await foreseen(client)
    assert [await rows(transactions, each) for each in everything] == before


async def test_of_decisions_the_one_is_meant_whose_date_is_named(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await started(transactions)
    at = DIED + timedelta(days=1)
    await decided(transactions, "learning-review", at)
    later = {"field": "decided_at", "after": (at + timedelta(days=1)).isoformat()}
    assert await foreseen(client, **later, before=at.isoformat()) == {}
    answer = await client.post(PATH, json=ASKED | later, headers=NOTIFIER)
    assert list(errors(answer)) == ["before"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"field": "colour"}, "field"), ({"after": "9999-01-01T00:00:00Z"}, "after"),
     ({"after": "2026-02-01"}, "after")],
)  # fmt: skip
async def test_what_cannot_be_is_named(
    client: httpx.AsyncClient, transactions: Transactions, wrong: dict[str, str], field: str
) -> None:
    await started(transactions)
    answer = await client.post(PATH, json=ASKED | wrong, headers=NOTIFIER)
    assert (answer.status_code, list(errors(answer))) == (422, [field])


@pytest.mark.parametrize("role", [Role.SUPPORT_OFFICER, Role.CHIEF_INSPECTOR])
async def test_the_office_looks_ahead_at_another_receipt(
    client: httpx.AsyncClient, transactions: Transactions, role: Role
) -> None:
    keyed = DIED + timedelta(hours=30)
    await started(transactions, keyed, received_at=keyed)
    receipt = ASKED | {"field": "received_at", "before": keyed.isoformat()}
    asked = receipt | {"after": (DIED + timedelta(hours=2)).isoformat()}
    answer = await client.post(PATH, json=asked, headers=as_(role, subject="office-1"))
    assert answer.status_code == 200, answer.text
    (moved,) = answer.json()["moved"]
    assert moved["rule"] == "lac-notify-24h"
    assert (moved["state_before"], moved["state_after"]) == ("met_late", "met")
    assert (moved["breach_before"], moved["breach_after"]) == ("missed", None)


@pytest.mark.parametrize(
    ("role", "field"),
    [
        (Role.NOTIFIER, "received_at"),
        (Role.NOTIFIER, "submitted_at"),
        (Role.CHIEF_INSPECTOR, "occurred_at"),
    ],
)
async def test_nobody_looks_ahead_at_a_date_they_may_not_put_right(
    client: httpx.AsyncClient, transactions: Transactions, role: Role, field: str
) -> None:
    await started(transactions)
    headers = as_(role, areas=[FIFE], subject="somebody")
    answer = await client.post(PATH, json=ASKED | {"field": field}, headers=headers)
    assert (answer.status_code, list(errors(answer))) == (403, ["field"])


async def test_who_may_look_ahead(client: httpx.AsyncClient, transactions: Transactions) -> None:
    await started(transactions)
    elsewhere = as_(Role.NOTIFIER, areas=["S12000033"], subject="notifier-2")
    inspector = as_(Role.STRATEGIC_INSPECTOR, areas=[FIFE], subject="inspector-1")
    for headers, status in ((elsewhere, 404), (inspector, 403)):
        assert (await client.post(PATH, json=ASKED, headers=headers)).status_code == status
    nothing = ASKED | {"reference": "none"}
    assert (await client.post(PATH, json=nothing, headers=NOTIFIER)).status_code == 404
