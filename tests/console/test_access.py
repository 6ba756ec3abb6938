"""Who may open what, in full; and no form is taken that another site could have sent."""

import re
from pathlib import Path

import pytest

from services.console.app import build_app
from shared.access.guards import permissions
from shared.access.principal import Role
from tests.console.console_kit import Browser, console_settings

WATCHERS = {Role.OPERATOR, Role.AUDITOR}
CASE_READERS = set(Role) - {Role.OPERATOR, Role.SERVICE}
PEOPLE = set(Role) - {Role.SERVICE}
DECIDERS = {Role.STRATEGIC_INSPECTOR, Role.CHIEF_INSPECTOR}
HANDING_IN = {Role.NOTIFIER, Role.SUPPORT_OFFICER}
WRITTEN_TO = {Role.STRATEGIC_INSPECTOR, Role.SUPPORT_OFFICER, Role.CHIEF_INSPECTOR}
EXPECTED = {
    ("GET", "/"): None,
    ("GET", "/sign-in"): None,
    ("GET", "/sign-in/callback"): None,
    ("POST", "/sign-out"): None,
    ("GET", "/static/{path}"): None,
    ("POST", "/v1/traces"): None,
    ("GET", "/cases"): CASE_READERS,
    ("GET", "/cases/{reference}"): set(Role),
    ("GET", "/deadlines"): CASE_READERS,
    ("GET", "/deadlines/{clock_id}"): CASE_READERS,
    ("POST", "/deadlines/{clock_id}/{act}"): DECIDERS,
    ("GET", "/what-if"): PEOPLE,
    ("POST", "/what-if"): PEOPLE,
    ("GET", "/statistics"): CASE_READERS,
    ("GET", "/statistics/{table}"): CASE_READERS,
    ("GET", "/regimes"): CASE_READERS,
    ("GET", "/regimes/{regime}"): CASE_READERS,
    ("GET", "/regimes/declare"): {Role.CHIEF_INSPECTOR},
    ("POST", "/regimes/declare"): {Role.CHIEF_INSPECTOR},
    ("GET", "/regimes/{regime}/end"): {Role.CHIEF_INSPECTOR},
    ("POST", "/regimes/{regime}/end"): {Role.CHIEF_INSPECTOR},
    ("GET", "/regimes/{regime}/withdraw"): {Role.CHIEF_INSPECTOR},
    ("POST", "/regimes/{regime}/withdraw"): {Role.CHIEF_INSPECTOR},
    ("GET", "/rules"): PEOPLE,
    ("GET", "/rules/{rule}"): PEOPLE,
    ("GET", "/rules/changes"): PEOPLE,
    ("GET", "/cases/{reference}/rebase"): {Role.CHIEF_INSPECTOR},
    ("POST", "/cases/{reference}/rebase"): {Role.CHIEF_INSPECTOR},
    ("GET", "/reminders"): WRITTEN_TO,
    ("GET", "/reminders/{person}"): WRITTEN_TO,
    ("POST", "/reminders/{person}"): WRITTEN_TO,
    ("GET", "/cases/{reference}/corrections/{act}"): CASE_READERS,
    **{
        (verb, f"/cases/{{reference}}/{act}"): HANDING_IN
        for verb in ("GET", "POST")
        for act in ("ratify", "withdraw")
    },
    **{
        (verb, "/cases/{reference}/correct"): HANDING_IN | {Role.CHIEF_INSPECTOR}
        for verb in ("GET", "POST")
    },
    **{
        (verb, f"/cases/{{reference}}/{act}"): WRITTEN_TO
        for verb in ("GET", "POST")
        for act in ("close", "reopen")
    },
    ("GET", "/calendars"): PEOPLE,
    ("GET", "/calendars/{calendar}"): PEOPLE,
    ("POST", "/calendars/{calendar}"): {Role.SUPPORT_OFFICER, Role.CHIEF_INSPECTOR},
    ("GET", "/feeds"): CASE_READERS,
    ("POST", "/feeds"): CASE_READERS,
    ("POST", "/feeds/{feed}/revoke"): CASE_READERS,
    ("GET", "/calendar-feeds/{name}"): None,
    ("GET", "/traces"): WATCHERS,
    ("GET", "/traces/{trace_id}"): WATCHERS,
    ("GET", "/health"): WATCHERS,
    ("GET", "/parked"): WATCHERS,
    ("GET", "/parked/{service}/{parked_id}"): WATCHERS,
    ("POST", "/parked/{service}/{parked_id}/redrive"): {Role.OPERATOR},
    ("POST", "/parked/{service}/{parked_id}/discard"): {Role.OPERATOR},
    ("GET", "/mails"): {Role.OPERATOR, Role.SUPPORT_OFFICER},
    ("GET", "/mails/{name}"): {Role.OPERATOR, Role.SUPPORT_OFFICER},
}
# Those of every service, and the issuer, which answers this machine only.
ELSEWHERE = ("/issuer", "/health/", "/metrics", "/schema")


def test_every_page_is_for_exactly_these(tmp_path: Path) -> None:
    app = build_app(console_settings(tmp_path, "postgresql://nobody@127.0.0.1:1/nothing"))
    found = {
        (method, re.sub(r":(str|path)", "", path)): (
            set(access.roles) if access.roles is not None else None
        )
        for (method, path), access in permissions(app).items()
        if not path.startswith(ELSEWHERE) and method != "HEAD"
    }
    assert found == EXPECTED


@pytest.mark.parametrize("person", ["operator", "chief-inspector"])
async def test_no_form_is_taken_that_another_site_could_have_sent(
    browser: Browser, person: str
) -> None:
    await browser.sign_in(person)
    forms = [path for method, path in EXPECTED if method == "POST" and path != "/v1/traces"]
    theirs = [path for path in forms if _may(EXPECTED["POST", path], person)]
    assert len(theirs) >= 4
    for path in theirs:
        address = path.replace("{service}", "deadlines")
        address = re.sub(r"{[a-z_]+}", "x", address)
        forged = await browser.client.post(address, data={"csrf": "guess", "reason": "Long enough"})
        assert forged.status_code == 403, path
        assert "not from your own session" in forged.text
        plain = await browser.client.post(address, json={"csrf": "guess"})
        assert plain.status_code == 415


@pytest.mark.parametrize("name", ["key", "tag"])
@pytest.mark.parametrize("text", ["\u00e9", "a\nb", "\0"])
async def test_what_a_page_never_wrote_into_its_form_is_not_sent_on(
    browser: Browser, name: str, text: str
) -> None:
    await browser.sign_in("chief-inspector")
    hidden = await browser.form_fields("/")
    said = await browser.client.post("/regimes/x/withdraw", data=hidden | {name: text})
    assert said.status_code == 400
    assert "The form cannot be read." in said.text


def _may(roles: set[Role] | None, role: str) -> bool:
    return roles is None or Role(role) in roles
