"""Signing in, and every way in which it must not work."""

import asyncio
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from sqlalchemy import text

from services.console.domain.sign_in import LASTS_SECONDS, challenge, local_path, new_sign_in
from services.console.entrypoints.sign_in_routes import SignInParts
from services.console.identity_provider import IdentityProvider
from services.console.issuer.codes import LIFETIME, Codes, Grant
from services.console.settings import Settings
from services.console.worker import build_worker
from shared.access.tokens import token_verifier
from shared.clock import utc_now
from shared.confidential.fields import FieldCipher
from shared.database import Database
from tests.access_kit import FIELD_KEYS
from tests.console.console_kit import SECRET, Browser

CONSOLE = httpx.BasicAuth("console", SECRET)


async def test_whoever_opens_a_page_signs_in_and_is_led_back_to_it(browser: Browser) -> None:
    asked = await browser.client.get("/traces?reference=NR-1")
    assert asked.status_code == 303
    assert asked.headers["location"] == "/sign-in?back_to=%2Ftraces%3Freference%3DNR-1"
    page = await browser.sign_in("operator", "/traces?reference=NR-1")
    assert page.status_code == 200
    assert 'value="NR-1"' in page.text
    assert "Niall Gorse" in page.text


async def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(
    browser: Browser, database: Database
) -> None:
    back = await browser.client.get(await browser.until_callback("operator"))
    (cookie,) = [
        one for one in back.headers.get_list("set-cookie") if one.startswith("scrutiny_session=")
    ]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    async with database.session() as session:
        row = (await session.execute(text("SELECT * FROM sessions"))).one()
    value = cookie.split("=", 1)[1].split(";")[0].strip('"')
    assert value.encode() not in bytes(row.id_hash)
    assert b"eyJ" not in bytes(row.access_token)


async def test_another_browser_cannot_finish_somebodys_sign_in(browser: Browser) -> None:
    address = await browser.until_callback("operator")
    browser.client.cookies.clear()
    answer = await browser.client.get(address)
    assert answer.status_code == 403
    assert "was not begun in this browser" in answer.text


async def test_a_wrong_state_is_refused(browser: Browser) -> None:
    address = await browser.until_callback("operator")
    answer = await browser.client.get(address.replace("state=", "state=x"))
    assert answer.status_code == 403


async def test_an_answer_of_another_issuer_is_refused(browser: Browser) -> None:
    address = await browser.until_callback("operator")
    answer = await browser.client.get(address.replace("iss=http", "iss=https"))
    assert answer.status_code == 403


async def test_a_code_works_once(browser: Browser) -> None:
    address = await browser.until_callback("operator")
    kept = dict(browser.client.cookies)
    assert (await browser.client.get(address)).status_code == 303
    browser.client.cookies.clear()
    browser.client.cookies.update(kept)
    answer = await browser.client.get(address)
    assert answer.status_code == 403
    assert "did not accept" in answer.text


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.example.org", "https://evil.example.org/", "/\\evil.example.org", "javascript:x"],
)
async def test_nobody_is_led_to_another_site(browser: Browser, elsewhere: str) -> None:
    back = await browser.client.get(await browser.until_callback("operator", elsewhere))
    assert back.headers["location"] == "/"


def test_paths_of_this_site_are_kept() -> None:
    assert local_path("/traces?reference=A%20B&x=1") == "/traces?reference=A%20B&x=1"


async def test_a_form_without_the_sessions_token_changes_nothing(browser: Browser) -> None:
    await browser.sign_in("operator")
    for fields in ({"csrf": ""}, {"csrf": "0" * 64}, {"other": "x"}):
        assert (await browser.client.post("/sign-out", data=fields)).status_code == 403
    assert (await browser.client.get("/traces")).status_code == 200


async def test_signing_out_ends_the_session_everywhere(browser: Browser) -> None:
    await browser.sign_in("operator")
    stolen = dict(browser.client.cookies)
    fields = await browser.form_fields("/")
    assert (await browser.client.post("/sign-out", data=fields)).status_code == 303
    browser.client.cookies.clear()
    browser.client.cookies.update(stolen)
    assert (await browser.client.get("/traces")).status_code == 303


async def test_a_session_that_ran_out_opens_nothing(browser: Browser, database: Database) -> None:
    await browser.sign_in("operator")
    async with database.session() as session:
        await session.execute(text("UPDATE sessions SET expires_at = now() - interval '1 s'"))
    assert (await browser.client.get("/traces")).status_code == 303


async def test_pages_keep_to_their_roles(browser: Browser) -> None:
    await browser.sign_in("fife-notifier")
    for path in ("/traces", "/health", "/parked", "/mails"):
        answer = await browser.client.get(path)
        assert answer.status_code == 403
        assert "You cannot see this page" in answer.text


async def test_the_issuer_sends_nobody_elsewhere(browser: Browser) -> None:
    away = await browser.client.get("/sign-in")
    asked = dict(parse_qsl(urlsplit(away.headers["location"]).query))
    for name, value in (
        ("redirect_uri", "https://evil.example.org/"),
        ("client_id", "another"),
        ("code_challenge_method", "plain"),
    ):
        answer = await browser.client.get("/issuer/authorize", params=asked | {name: value})
        assert answer.status_code == 422
        assert "location" not in answer.headers


async def test_the_wrong_verifier_gets_no_token_and_spends_the_code(
    browser: Browser, settings: Settings
) -> None:
    verifier = urlsafe_b64encode(b"v" * 40).decode().rstrip("=")
    asked = {
        "response_type": "code",
        "client_id": "console",
        "redirect_uri": f"{settings.console_url}/sign-in/callback",
        "state": "s",
        "nonce": "n",
        "code_challenge": challenge(verifier),
        "code_challenge_method": "S256",
        "person": "operator",
    }
    chosen = await browser.client.post("/issuer/authorize", data=asked)
    code = dict(parse_qsl(urlsplit(chosen.headers["location"]).query))["code"]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": asked["redirect_uri"],
    }
    for tried in ("wrong" * 10, verifier):
        answer = await browser.client.post(
            "/issuer/token", data=form | {"code_verifier": tried}, auth=CONSOLE
        )
        assert (answer.status_code, answer.json()) == (400, {"error": "invalid_grant"})


async def test_services_get_tokens_with_their_own_secret_only(browser: Browser) -> None:
    form = {"grant_type": "client_credentials"}
    good = await browser.client.post("/issuer/token", data=form, auth=("intake", "another-secret"))
    assert good.status_code == 200
    for auth in (("intake", SECRET), ("nobody", ""), ("", "")):
        bad = await browser.client.post("/issuer/token", data=form, auth=auth)
        assert (bad.status_code, bad.json()) == (401, {"error": "invalid_client"})


def test_a_code_is_forgotten_after_a_minute() -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    grant = Grant("operator", "console", "http://here/", challenge("v"), "n", now + LIFETIME)
    codes = Codes()
    code = codes.give(grant)
    late = codes.take(
        code, client="console", redirect_uri="http://here/", verifier="v", now=now + timedelta(61)
    )
    assert late is None


def test_an_attempt_answers_to_its_own_state_for_ten_minutes() -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    attempt = new_sign_in("/", now)
    almost = now + timedelta(seconds=LASTS_SECONDS - 1)
    assert attempt.answers(attempt.state, almost)
    assert not attempt.answers(attempt.state, now + timedelta(seconds=LASTS_SECONDS))
    assert not attempt.answers("another", now)


async def test_behind_https_cookies_are_sent_over_it_only(
    settings: Settings, database: Database
) -> None:
    parts = SignInParts(
        settings.model_copy(update={"console_url": "https://console.example.org"}),
        database,
        FieldCipher(FIELD_KEYS),
        IdentityProvider(settings, token_verifier(settings)),
        utc_now,
    )
    assert parts.cookie("name", "value", "/", 60).secure


async def test_the_background_work_forgets_sessions_that_ran_out(
    browser: Browser, settings: Settings, database: Database
) -> None:
    await browser.sign_in("operator")
    async with database.session() as session:
        await session.execute(text("UPDATE sessions SET expires_at = now() - interval '1 s'"))
    worker = build_worker(settings)
    await worker.start()
    left = None
    for _ in range(100):
        async with database.session() as session:
            left = await session.scalar(text("SELECT count(*) FROM sessions"))
        if not left:
            break
        await asyncio.sleep(0.05)
    await worker.stop()
    assert left == 0
