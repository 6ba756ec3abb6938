"""A deadline is given more time, paused, run again, and each of it undone, as inspectors do it."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Story
from tests.browser.visitor import faults, sign_in, sign_in_quietly

pytestmark = pytest.mark.browser

WHY = "The police asked for it"


def open_deadline(page: Page, story: Story) -> str:
    """The report's deadline; its date as the page says it."""
    page.goto(f"{story.console}/deadlines?area=S12000047&state=open")
    page.locator(".console_list__item", has_text=story.reference).locator("a").first.click()
    return page.inner_text("h1")


def pause(page: Page, **fields: str) -> None:
    """Fills the form of a pause in, and sends it."""
    for name, value in fields.items():
        page.fill(f"#pauses-{name}", value)
    page.click('button:text-is("Pause")')


def run_again(page: Page, why: str) -> None:
    """Ends the pause that lasts."""
    page.click("text=Let it run again >> nth=0")
    page.fill("details[open] textarea", why)
    page.click('details[open] button:text-is("Let it run again")')


def undo_all(page: Page) -> None:
    """Undoes every act that still stands, the last first."""
    while page.locator("summary", has_text="Undo this").count():
        page.locator("summary", has_text="Undo this").last.click()
        page.fill("details[open] textarea", "It was a mistake")
        page.click('details[open] button:text-is("Undo")')


def test_a_pause_that_cannot_be_is_told_at_its_field_and_keeps_what_was_entered(
    quiet: Page, story: Story
) -> None:
    sign_in_quietly(quiet, story.console, "link-inspector-fife")
    open_deadline(quiet, story)
    quiet.click("text=Pause it")
    pause(quiet)
    assert "Say why" in quiet.inner_text("#pauses-reason-error")
    pause(quiet, until="2020-01-01", reason=WHY, agreed_by="Chief inspector")
    assert "must be after from" in quiet.inner_text("#pauses-until-error")
    assert quiet.input_value("#pauses-reason") == WHY


def test_a_deadline_is_paused_run_again_extended_and_each_act_undone_without_a_script(
    quiet: Page, story: Story
) -> None:
    sign_in_quietly(quiet, story.console, "link-inspector-fife")
    before = open_deadline(quiet, story)
    quiet.click("text=Pause it")
    pause(quiet, reason=WHY)
    assert "no date" in quiet.inner_text("h1")
    assert "Paused" in quiet.inner_text(".console_tags")
    run_again(quiet, "The police have finished")
    assert quiet.inner_text("h1") == before
    assert quiet.locator("summary", has_text="Let it run again").count() == 0
    quiet.click("text=Give more time")
    for name, value in {"amount": "2", "reason": "A report is late", "agreed_by": "Chief"}.items():
        quiet.fill(f"#extensions-{name}", value)
    quiet.click('button:text-is("Extend")')
    assert quiet.inner_text("h1") != before
    undo_all(quiet)
    assert quiet.inner_text("h1") == before
    told = quiet.inner_text("main")
    for line in ("Paused", "Resumed", "Extended", "An act was undone", "· Ailsa Rowan"):
        assert line in told


def test_every_state_of_a_deadline_is_for_everybody(page: Page, story: Story) -> None:
    sign_in(page, story.console, "link-inspector-fife")
    open_deadline(page, story)
    page.click("text=Pause it")
    pause(page)
    assert faults(page) == []
    pause(page, reason=WHY)
    assert faults(page) == []
    run_again(page, "The police have finished")
    assert faults(page) == []
    undo_all(page)
    assert faults(page) == []
