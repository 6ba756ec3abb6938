"""Pages that speak to the services, to the mail folder, and of mistakes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from services.console.domain.chain import judged
from services.console.settings import Settings
from services.deadlines import app as deadlines_app
from services.deadlines.settings import Settings as DeadlinesSettings
from services.deadlines.storage.tables import PLUMBING
from shared.clock import utc_now
from shared.confidential.fields import FieldCipher
from shared.database import Database
from shared.messaging.delivery import RawRecord, read_raw
from shared.messaging.parking import Parking, Why
from shared.transaction import Transactions
from tests.access_kit import FIELD_KEYS
from tests.conftest import FreshDatabase
from tests.console.console_kit import Browser, console_settings, serving
from tests.serving import served

TRACE = "0af7651916cd43dd8448eb211c80319c"


@dataclass
class Chain:
    """A console with the deadlines service behind it; the other services are away."""

    browser: Browser
    parked: str


@asynccontextmanager
async def chain(folder: Path, fresh_database: FreshDatabase) -> AsyncIterator[Chain]:
    url = fresh_database("deadlines")
    settings = console_settings(folder, fresh_database("console"))
    trusting: dict[str, Any] = {
        "database_url": url,
        "field_keys": FIELD_KEYS,
        "oidc_issuer": settings.oidc_issuer,
        "oidc_jwks": settings.oidc_jwks,
    }
    behind = DeadlinesSettings(**trusting)
    parked = await park_nonsense(url)
    async with served(deadlines_app.build_app(behind)) as address:
        away = {f"{name}_url": "http://127.0.0.1:1" for name in ("intake", "directory")}
        told = away | {"inspections_url": "http://127.0.0.1:1", "deadlines_url": address}
        async with serving(settings.model_copy(update=told)) as browser:
            yield Chain(browser, parked)


async def park_nonsense(url: str) -> str:
    """A message nobody can read, parked at deadlines."""
    database = Database(url)
    transactions = Transactions(database, PLUMBING, "deadlines")
    headers = [("ce_type", b"<b>odd</b>")]
    raw = RawRecord("intake.notifications.v1", 3, 77, 0, b"key", headers, b"not an event")
    why = Why("unreadable", "A header is missing: ce_id.", 1)
    async with transactions.begin() as tx:
        parking = Parking(FieldCipher(FIELD_KEYS))
        parked = await parking.park(tx, read_raw(raw), why, utc_now())
    await database.dispose()
    return parked


@pytest.fixture
async def behind(tmp_path: Path, fresh_database: FreshDatabase) -> AsyncIterator[Chain]:
    """An operator in front of a chain in which one message is parked."""
    async with chain(tmp_path, fresh_database) as found:
        await found.browser.sign_in("operator")
        yield found


async def test_health_shows_what_is_parked_and_who_is_away(behind: Chain) -> None:
    page = (await behind.browser.client.get("/health")).text
    assert page.count("Not answering") == 3
    assert "Messages are parked and wait for a decision." in page
    assert "No worker reports" in page


async def test_an_operator_looks_at_a_parked_message_tries_it_again_and_gives_it_up(
    behind: Chain,
) -> None:
    client, address = behind.browser.client, f"/parked/deadlines/{behind.parked}"
    listed = (await client.get("/parked")).text
    assert address in listed
    page = (await client.get(address)).text
    assert "A header is missing: ce_id." in page
    assert "not an event" not in page
    fields = await behind.browser.form_fields(address)
    tried = await client.post(f"{address}/redrive", data=fields)
    assert tried.status_code == 303
    back = await client.get(tried.headers["location"])
    assert "It still waits" in back.text, back.text
    short = await client.post(f"{address}/discard", data=fields | {"reason": "no"})
    assert short.status_code == 422
    assert "at least 10 characters" in short.text
    given = fields | {"reason": "It was sent by mistake."}
    assert (await client.post(f"{address}/discard", data=given)).status_code == 303
    settled = (await client.get(address)).text
    assert "Discarded" in settled
    assert "It was sent by mistake." in settled
    assert "<form" not in settled.split("<main", 1)[1]
    assert address not in (await client.get("/parked")).text
    assert address in (await client.get("/parked?settled=true")).text


async def test_deciding_needs_the_sessions_own_form(behind: Chain) -> None:
    address = f"/parked/deadlines/{behind.parked}"
    for act in ("redrive", "discard"):
        forged = {"csrf": "0" * 64, "reason": "It was sent by mistake."}
        answer = await behind.browser.client.post(f"{address}/{act}", data=forged)
        assert answer.status_code == 403
    assert "Waiting" in (await behind.browser.client.get(address)).text


async def test_an_auditor_sees_parked_messages_and_decides_nothing(behind: Chain) -> None:
    behind.browser.client.cookies.clear()
    await behind.browser.sign_in("auditor")
    address = f"/parked/deadlines/{behind.parked}"
    page = (await behind.browser.client.get(address)).text
    assert "A header is missing" in page
    assert "Try again" not in page
    fields = await behind.browser.form_fields(address)
    answer = await behind.browser.client.post(f"{address}/redrive", data=fields)
    assert answer.status_code == 403


async def test_a_service_that_is_away_is_said_to_be(behind: Chain) -> None:
    behind.browser.client.cookies.clear()
    await behind.browser.sign_in("fife-notifier")
    answer = await behind.browser.client.get("/cases")
    assert answer.status_code == 503
    assert "Something we depend on is not answering" in answer.text


async def test_operators_see_that_a_case_has_traces_and_nothing_of_the_case(
    browser: Browser,
) -> None:
    await browser.sign_in("operator")
    page = (await browser.client.get("/cases/SS-2026-1")).text
    assert "Operators do not see what a case says." in page
    assert "/traces?reference=SS-2026-1" in page


def write_mails(folder: Path) -> None:
    """One mail with markup in it, one that is none, and a file of another kind."""
    folder.mkdir()
    mail = EmailMessage()
    mail["To"], mail["From"] = "link-inspector@example.org", "scrutiny@example.org"
    mail["Subject"] = "SS-2026-1: <script>alert(1)</script>"
    mail.set_content("Due <b>tomorrow</b>.")
    (folder / "one.eml").write_bytes(bytes(mail))
    (folder / "broken.eml").write_bytes(b"\xff\xfe\0")
    (folder / "secret.txt").write_text("not a mail")


async def test_mails_are_listed_and_read_as_text(browser: Browser, settings: Settings) -> None:
    write_mails(Path(settings.mail_folder or ""))
    await browser.sign_in("support-officer")
    listed = (await browser.client.get("/mails")).text
    assert "link-inspector@example.org" in listed
    page = (await browser.client.get("/mails/one.eml")).text
    assert "Due &lt;b&gt;tomorrow&lt;/b&gt;." in page
    assert "<script" not in listed + page
    for name in ("secret.txt", "..%2F..%2Fissuer.json", "%2e%2e%2fissuer.json"):
        assert (await browser.client.get(f"/mails/{name}")).status_code == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [("/nowhere", 404), ("/static/nothing.css", 404), ("/static/%2e%2e/app.py", 404)],
)
async def test_mistakes_are_pages_with_their_trace_id(
    browser: Browser, path: str, status: int
) -> None:
    answer = await browser.client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["x-trace-id"] in answer.text
    assert "We cannot find this page" in answer.text


async def test_a_trace_that_is_not_there_is_not_found(browser: Browser) -> None:
    await browser.sign_in("operator")
    for wrong in (TRACE, TRACE.upper(), "1"):
        assert (await browser.client.get(f"/traces/{wrong}")).status_code == 404


async def test_files_are_served_for_ever_under_addresses_that_name_their_content(
    browser: Browser,
) -> None:
    page = (await browser.client.get("/")).text
    address = next(part for part in page.split('"') if part.startswith("/static/console.css?v="))
    answer = await browser.client.get(address)
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]


def test_a_service_that_flows_is_well_and_one_that_does_not_says_why() -> None:
    told = {
        "outbox": {"unsent": 0, "oldest_seconds": 0},
        "parked": {"waiting": 0},
        "consumers": [{"topic": "t", "partition": 0, "position": 5, "end": 9, "lag": 4}],
        "timers": [{"name": "sweep", "last_run": None, "last_ok": None, "failures": 0}],
        "relay": [{"owner": "me", "shards": [0, 1], "cluster": "c"}],
        "workers": [{"owner": "me"}],
    }
    well = judged("deadlines", told)
    assert (well.state, well.lag, well.why) == ("well", 4, ())
    stuck = told | {"outbox": {"unsent": 3, "oldest_seconds": 90.5}}
    assert judged("deadlines", stuck).why == ("Events wait to be sent: is the bus away?",)
    failing = told | {"timers": [{"name": "sweep", "failures": 2}]}
    assert judged("deadlines", failing).why == ("Failing: sweep.",)
    assert judged("deadlines", {}).state == "attention"
    checks = {"sweeper": {"ok": False, "ms": 2000, "error": "SweeperStuck"}, "keys": {"ok": True}}
    ill = judged("deadlines", told, checks)
    assert ill.why == ("Not well, it says itself: sweeper.",)
    assert ill.checks[0] == ("sweeper", False, {"error": "SweeperStuck"})
