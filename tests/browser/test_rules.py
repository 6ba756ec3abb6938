"""The rules as people read them; and a case that is moved to a newer version, without a script."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page

from services.deadlines import app as deadlines_app
from tests.browser.beside import beside
from tests.browser.conftest import Story
from tests.browser.visitor import faults, outline, sign_in, sign_in_quietly, visit
from tests.conftest import FreshDatabase
from tests.console.office import open_office
from tests.console.test_case_acts import DEATH, DIED
from tests.deadlines.acting_kit import REPORT
from tests.deadlines.builders import CASE, started
from tests.deadlines.test_rule_versions import book, second_version, stage

pytestmark = pytest.mark.browser

GONE = "lac-notify-one-working-day"


@dataclass
class Newer:
    """A console where there are two versions of the rules, and a case that counts by the first."""

    console: str
    case: str


@pytest.fixture
def newer(
    tmp_path: Path, fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Newer]:
    """The second version gives the report two days more, drops a wording and adds a plan."""
    plan = stage("lac-plan", "plan", amount="5", unit="calendar_days")
    plan |= {"kind": "death-looked-after-child"}
    changed = {REPORT: {"amount": "30"}, GONE: {"id": ""}}
    sets = second_version(tmp_path / "rules", changed, [plan])
    monkeypatch.setattr(deadlines_app, "load_rulebook", lambda: book(sets))
    with ExitStack() as stack:
        office, run = stack.enter_context(beside(open_office(tmp_path, fresh_database, "intake")))
        reference = run(office.notify(DEATH))
        given = {"occurred_at": DIED, "aware_at": DIED, "received_at": DIED}
        run(started(office.transactions, DIED, CASE, reference=reference, **given))
        console = office.settings.console_url
        yield Newer(console, f"{console}/cases/{reference}")


def fill(page: Page) -> None:
    """The form that moves a case, filled in."""
    page.select_option("#version", "2")
    page.fill("#reason", "The guidance was revised")
    page.fill("#agreed_by", "Chief inspector")
    page.click("text=See what would change")


def test_a_case_is_moved_to_a_newer_version_without_a_script(quiet: Page, newer: Newer) -> None:
    sign_in_quietly(quiet, newer.console, "chief-inspector")
    quiet.goto(newer.case)
    quiet.click("text=Count by another version of the rules")
    quiet.click("text=What version 2 says differently")
    told = quiet.inner_text("main")
    assert "How many" in told
    assert "lac-plan" in told
    quiet.go_back()
    fill(quiet)
    told = quiet.inner_text("main")
    assert "2 days later" in told
    assert "A new clock" in told
    assert f"({GONE})" in told
    quiet.click("text=Change what I entered")
    assert quiet.input_value("#reason") == "The guidance was revised"
    assert quiet.input_value("#version") == "2"
    quiet.click("text=See what would change")
    quiet.click('button:text-is("Move the case")')
    told = quiet.inner_text("main")
    assert "lac-report-28d, version 2" in told
    assert GONE not in told.split("What was notified")[0]


def test_every_page_and_state_of_moving_a_case_is_for_everybody(page: Page, newer: Newer) -> None:
    sign_in(page, newer.console, "chief-inspector")
    visit(page, f"{newer.case}/rebase", "desk")
    assert faults(page) == []
    page.click("text=See what would change")
    assert "Choose the version" in page.inner_text("#version-error")
    assert faults(page) == []
    fill(page)
    assert faults(page) == []
    assert outline(page) == [1, 2, 2]
    page.click('button:text-is("Move the case")')
    assert faults(page) == []
    for path in ("/rules", "/rules/changes?from=1&to=2", "/rules/changes?from=2&to=1"):
        visit(page, newer.console + path, "desk")
        assert faults(page) == []


def test_the_rules_are_read_from_the_start_page_to_a_source(quiet: Page, story: Story) -> None:
    sign_in_quietly(quiet, story.console, "fife-notifier")
    quiet.click("main a:text-is('Rules')")
    duty = quiet.locator(".rule__duty", has_text="SSI 2009/210 regulation 6")
    assert "Wordings conflict" in duty.inner_text()
    for allowed in ("24 hours", "1 working day", "No number of hours or days"):
        assert allowed in duty.inner_text()
    duty.locator("a", has_text="1 working day").click()
    source = quiet.locator("a", has_text="gov.scot")
    assert (
        source.get_attribute("href")
        == "https://www.gov.scot/publications/death-looked-child/pages/3/"
    )


def test_the_rules_are_printed_without_what_is_only_for_the_screen(
    page: Page, story: Story
) -> None:
    sign_in(page, story.console, "auditor")
    visit(page, f"{story.console}/rules", "desk")
    page.emulate_media(media="print")
    assert page.is_visible(".rule__wordings >> nth=0")
    assert not page.is_visible(".rule__kinds")
