"""A case is shown under another version of the rules before it is moved there."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.deadlines import app
from services.deadlines.settings import Settings
from shared.transaction import Transactions
from tests.access_kit import service_settings
from tests.deadlines.acting_kit import REPORT, rows
from tests.deadlines.builders import REFERENCE, started
from tests.deadlines.test_act_routes import CHIEF, ELSEWHERE_CHIEF, INSPECTOR, WHY, errors
from tests.deadlines.test_rule_versions import book, second_version, stage
from tests.service_kit import calling

GONE = "lac-notify-one-working-day"
ADDED = "lac-plan"
ASKED = {"reference": REFERENCE, "version": "2"}
SAID = ASKED | {"reason": WHY, "agreed_by": "chief inspector"}
PREVIEWS = "/rebasings/previews"


@pytest.fixture
async def client(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """The application with a second version of the rules: one changed, one gone, one added."""
    plan = stage(ADDED, "plan", amount="5", unit="calendar_days")
    plan |= {"kind": "death-looked-after-child"}
    sets = second_version(tmp_path, {REPORT: {"amount": "30"}, GONE: {"id": ""}}, [plan])
    monkeypatch.setattr(app, "load_rulebook", lambda: book(sets))
    settings = service_settings(Settings, database_url=database_url)
    async with calling(app.build_app(settings)) as client:
        yield client


async def foreseen(client: httpx.AsyncClient, **given: Any) -> httpx.Response:
    return await client.post(PREVIEWS, json=ASKED | given, headers=CHIEF)


async def test_a_preview_answers_what_the_move_then_does(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await started(transactions)
    preview = await foreseen(client)
    assert preview.status_code == 200, preview.text
    shown = preview.json()
    assert (shown["version_before"], shown["version"]) == ("1", "2")
    due = {one["rule"]: (one["due_on_before"], one["due_on_after"]) for one in shown["moved"]}
    assert due[REPORT] == ("2026-03-10", "2026-03-12")
    assert due[ADDED] == (None, "2026-02-15")
    assert [one["rule"] for one in shown["gone"]] == [GONE]
    matching = CHIEF | {"If-Match": preview.headers["ETag"]}
    done = await client.post("/rebasings", json=SAID, headers=matching)
    assert (done.status_code, done.json()) == (201, shown)


async def test_a_preview_changes_nothing(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await started(transactions)
    tables = ("cases", "clocks", "turns", "outbox", "audit_log")
    everything = [f"SELECT * FROM {table} ORDER BY 1" for table in tables]
    before = [await rows(transactions, each) for each in everything]
    assert (await foreseen(client)).status_code == 200
    assert [await rows(transactions, each) for each in everything] == before


async def test_what_was_previewed_is_not_done_to_what_has_changed_meanwhile(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await started(transactions)
    matching = CHIEF | {"If-Match": (await foreseen(client)).headers["ETag"]}
    clock = next(one for one in (await foreseen(client)).json()["moved"] if one["rule"] == REPORT)
    more = {"amount": 3, "reason": WHY, "agreed_by": "chief inspector"}
    path = f"/clocks/{clock['clock']}/extensions"
    assert (await client.post(path, json=more, headers=CHIEF)).status_code == 201
    assert (await client.post("/rebasings", json=SAID, headers=matching)).status_code == 412


async def test_a_preview_is_refused_as_the_move_would_be(
    client: httpx.AsyncClient, transactions: Transactions
) -> None:
    await started(transactions)
    assert list(errors(await foreseen(client, version="9"))) == ["version"]
    assert (await foreseen(client, version="1")).status_code == 409
    assert (await foreseen(client, reference="SN-2026-999999")).status_code == 404
    for headers, status in ((INSPECTOR, 403), (ELSEWHERE_CHIEF, 404)):
        answer = await client.post(PREVIEWS, json=ASKED, headers=headers)
        assert answer.status_code == status
