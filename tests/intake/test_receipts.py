"""When something was received is put right by the office, and never by those it judges."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from services.intake.domain.correction import Correction, Dates, correction_errors
from shared.audit import first_broken
from shared.clock import utc_now
from shared.transaction import Transactions
from tests.access_kit import as_
from tests.intake.builders import FIFE, INSPECTOR, NOTIFIER, NOW, SUPPORT, hand_in, named, notify
from tests.intake.test_domain import a_case
from tests.intake.test_endings import LRA, WHY, correct, events, shown

CHIEF = as_("chief-inspector", subject="chief-1")
CAME = "2026-03-29T09:00:00Z"
FILE = ("report.pdf", b"%PDF-1.7")
TICK = timedelta(microseconds=1)
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


@given(occurred=MOMENTS, received=MOMENTS, value=MOMENTS)
@pytest.mark.parametrize("field", ["received_at", "submitted_at"])
def test_a_receipt_lies_between_what_happened_and_now(
    field: str, occurred: datetime, received: datetime, value: datetime
) -> None:
    dates = Dates(occurred, occurred, received, submitted_at=received)
    errors = correction_errors(a_case(), dates, Correction(field, value, WHY), NOW)
    possible = occurred <= value <= NOW and value != received
    assert [error.field for error in errors] == ([] if possible else ["value"] * len(errors))
    assert possible is not bool(errors)


@pytest.mark.parametrize(
    ("value", "wrong"),
    [(NOW - TICK, False), (NOW, False), (NOW + TICK, True)],
)
def test_a_receipt_is_never_in_the_future_by_our_own_clock(value: datetime, wrong: bool) -> None:
    dates = Dates(NOW - timedelta(days=9), NOW, NOW - timedelta(days=1))
    asked = Correction("received_at", value, WHY)
    assert bool(correction_errors(a_case(), dates, asked, NOW)) is wrong


def test_nothing_happened_after_it_was_received() -> None:
    received = NOW - timedelta(days=1)
    dates = Dates(NOW - timedelta(days=9), NOW, received)
    for after, wrong in ((timedelta(minutes=5), []), (timedelta(minutes=5) + TICK, ["value"])):
        asked = Correction("occurred_at", received + after, WHY)
        errors = correction_errors(a_case(), dates, asked, NOW)
        assert [error.field for error in errors] == wrong


@pytest.mark.parametrize("office", [SUPPORT, CHIEF])
async def test_the_office_says_when_a_notification_came(
    client: httpx.AsyncClient, transactions: Transactions, office: dict[str, str]
) -> None:
    reference = await notify(client)
    keyed = (await shown(client, reference))[0]["received_at"]
    answer = await correct(client, reference, "received_at", CAME, office)
    assert answer.status_code == 201, answer.text
    case, _ = await shown(client, reference)
    (made,) = case["acts"]
    assert case["received_at"] == CAME
    assert (made["field"], made["reason"]) == ("received_at", WHY)
    assert (made["before"], made["after"]) == (keyed, CAME)
    kind, body = (await events(transactions))[-1]
    assert (kind, body["field"], body["after"]) == ("date.corrected.v1", "received_at", CAME)
    lines = (await client.get(f"/notifications/{reference}/timeline", headers=office)).json()
    assert "The date when the notification was received was corrected" in lines["items"][-1]["text"]


@pytest.mark.parametrize(
    ("headers", "field", "status"),
    [
        (NOTIFIER, "received_at", 403),
        (NOTIFIER, "submitted_at", 403),
        (as_("notifier", "support-officer", areas=[FIFE]), "received_at", 403),
        (CHIEF, "occurred_at", 403),
        (INSPECTOR, "received_at", 403),
        (as_("chief-inspector", areas=["S12000030"], subject="chief-2"), "received_at", 404),
    ],
)
async def test_nobody_else_does(
    client: httpx.AsyncClient, headers: dict[str, str], field: str, status: int
) -> None:
    reference = await notify(client)
    before, _ = await shown(client, reference)
    answer = await correct(client, reference, field, CAME, headers)
    assert answer.status_code == status, answer.text
    assert (await shown(client, reference))[0] == before
    if headers in (NOTIFIER, CHIEF):
        assert named(answer) == ["field"]


@pytest.mark.parametrize("value", ["2026-03-28T22:29:59Z", "2099-01-01T00:00:00Z"])
async def test_a_receipt_that_cannot_be_is_refused(client: httpx.AsyncClient, value: str) -> None:
    answer = await correct(client, await notify(client), "received_at", value, SUPPORT)
    assert (answer.status_code, named(answer)) == (422, ["value"])


async def test_every_correction_is_in_the_audit_trail_without_its_reason(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    reference = await notify(client)
    made = (await correct(client, reference, "received_at", CAME, SUPPORT)).json()
    wanted = text("SELECT actor, reason, before, after FROM audit_log WHERE act = 'date.corrected'")
    async with transactions.begin() as tx:
        (entry,) = (await tx.session.execute(wanted)).all()
        assert await first_broken(tx.session) is None
    assert (entry.actor, entry.reason) == ("support-1", None)
    before = datetime.fromisoformat(made["before"])
    assert entry.before["field"] == "received_at"
    assert datetime.fromisoformat(entry.before["at"]) == before
    assert entry.after == {"act": made["id"], "at": "2026-03-29T09:00:00+00:00"}


async def test_a_report_was_received_when_it_came(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    reference = await notify(client)
    first = (await hand_in(client, reference, FILE)).json()
    second = (await hand_in(client, reference, FILE)).json()
    answer = await correct(
        client, reference, "submitted_at", CAME, SUPPORT, submission=second["id"]
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["submission"] == second["id"]
    case, _ = await shown(client, reference)
    assert case["submissions"] == [second | {"submitted_at": CAME}, first]
    _, body = (await events(transactions))[-1]
    assert (body["submission"], body["before"]) == (second["id"], second["submitted_at"])


async def test_of_reports_the_one_is_named_whose_receipt_was_wrong(
    client: httpx.AsyncClient,
) -> None:
    reference = await notify(client)
    report = (await hand_in(client, reference, FILE)).json()["id"]
    sent = {"data": {"submission": report}, "files": [("attachment", FILE)]}
    path = f"/notifications/{reference}/addenda"
    addendum = (await client.post(path, headers=NOTIFIER, **sent)).json()["id"]
    other = (await hand_in(client, await notify(client), FILE)).json()["id"]
    for named_one in ({}, {"submission": addendum}, {"submission": other}, {"decision": report}):
        answer = await correct(client, reference, "submitted_at", CAME, SUPPORT, **named_one)
        assert (answer.status_code, named(answer)) == (422, ["submission"])


async def listed(client: httpx.AsyncClient, **asked: Any) -> tuple[list[str], str | None]:
    answer = (await client.get("/notifications", params=asked, headers=SUPPORT)).json()
    return [one["reference"] for one in answer["items"]], answer["next"]


async def test_lists_have_a_case_where_it_was_received(client: httpx.AsyncClient) -> None:
    started = utc_now()
    first, second, third = [await notify(client) for _ in range(3)]
    assert (await listed(client))[0] == [third, second, first]
    _, cursor = await listed(client, limit=1)
    await correct(client, third, "received_at", CAME, SUPPORT)
    assert (await listed(client))[0] == [second, first, third]
    # Whoever was on the way through the list meets it again where it stands now, and misses none.
    assert (await listed(client, cursor=cursor))[0] == [second, first, third]
    assert (await listed(client, received_from=started.isoformat()))[0] == [second, first]
    assert (await listed(client, received_to=started.isoformat()))[0] == [third]


async def test_a_repeat_of_the_notification_is_answered_as_the_first_time(
    client: httpx.AsyncClient,
) -> None:
    keyed = NOTIFIER | {"Idempotency-Key": "n-1"}
    reference = await notify(client, keyed)
    keyed_in = (await shown(client, reference))[0]["received_at"]
    await correct(client, reference, "received_at", CAME, CHIEF)
    assert await notify(client, keyed) == reference
    assert keyed_in != CAME


async def test_a_ratification_stays_as_it_was_said(client: httpx.AsyncClient) -> None:
    reference = await notify(client, **LRA)
    path = f"/notifications/{reference}/ratifications"
    await client.post(path, json={"at": "2026-02-01T12:00:00Z"}, headers=NOTIFIER)
    await correct(client, reference, "received_at", "2026-01-11T10:00:00Z", SUPPORT)
    case, _ = await shown(client, reference)
    assert case["ratified_at"] == "2026-02-01T12:00:00Z"
