"""What is due, one deadline and what-if, as people use them: without a script, and on paper."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Story
from tests.browser.visitor import (
    WIDTHS,
    scrolls_sideways,
    sign_in,
    sign_in_quietly,
    violations,
    visit,
)

pytestmark = pytest.mark.browser


def try_dates(page: Page, console: str, **fields: str) -> str:
    """Fills the what-if form in; answers what the page then says."""
    page.goto(f"{console}/what-if")
    page.select_option("#kind", "death-looked-after-child")
    page.select_option("#area", "S12000047")
    page.click("text=Pauses and extensions")
    for name, value in fields.items():
        if name.endswith("obligation"):
            page.select_option(f"#{name}", value)
        else:
            page.fill(f"#{name}", value)
    page.click("text=Show what is due")
    return page.inner_text("main")


def test_dates_are_tried_without_a_script_and_nothing_is_recorded(
    quiet: Page, story: Story
) -> None:
    sign_in_quietly(quiet, story.console, "operator")
    told = try_dates(
        quiet,
        story.console,
        occurred_at="2026-04-02T09:00",
        pauses_1_obligation="report",
        pauses_1_from="2026-04-14",
        pauses_1_until="2026-04-21",
        extensions_1_obligation="report",
        extensions_1_amount="5",
    )
    assert "Notify: by 9.00am on 3 April 2026" in told
    assert "Report: by the end of 12 May 2026" in told
    assert "14 to 20 (paused)" in told
    assert "By the end of 6 April 2026" in told
    letter = quiet.input_value("#letter")
    assert letter.startswith("Death looked after child, Fife")
    assert "Report: by the end of 12 May 2026." in letter
    assert quiet.input_value("#pauses_1_from") == "2026-04-14"


def test_every_skipped_day_of_a_wording_has_its_reason(quiet: Page, story: Story) -> None:
    sign_in_quietly(quiet, story.console, "fife-notifier")
    try_dates(quiet, story.console, occurred_at="2026-04-02T09:00")
    quiet.click("text=How it is counted >> nth=0")
    told = quiet.inner_text(".cal__other >> nth=0")
    assert "Not counted: 3 (Good Friday); 4 and 5 (weekend)." in told


def test_mistakes_are_told_beside_their_fields(page: Page, story: Story) -> None:
    sign_in(page, story.console, "link-inspector-fife")
    for width in WIDTHS:
        visit(page, f"{story.console}/what-if", width)
        try_dates(
            page,
            story.console,
            occurred_at="2026-03-29T01:30",
            pauses_1_obligation="report",
        )
        assert "clocks went forward" in page.inner_text("#occurred_at-error")
        assert "Say when the pause begins." in page.inner_text("#pauses_1_from-error")
        assert violations(page) == []
        assert not scrolls_sideways(page)


def test_what_is_due_is_followed_to_its_days_and_given_more_time(page: Page, story: Story) -> None:
    sign_in(page, story.console, "link-inspector-fife")
    visit(page, f"{story.console}/deadlines?area=S12000047", "desk")
    line = page.locator(".console_list__item", has_text=story.reference)
    assert "Fife" in line.inner_text()
    line.locator("a").first.click()
    assert "By the end of 18 December 2026" in page.inner_text("h1").replace("by", "By", 1)
    page.click("text=Give more time")
    page.click('button:text-is("Extend")')
    assert "Name the role that agreed, not the person." in page.inner_text(
        "#extensions-agreed_by-error"
    )
    page.fill("#extensions-amount", "3")
    page.fill("#extensions-reason", "The review waits for a report")
    page.fill("#extensions-agreed_by", "Chief inspector")
    page.click('button:text-is("Extend")')
    told = page.inner_text("main")
    assert "due 18 December 2026 before, 21 December 2026 after" in told
    page.click("text=Undo this")
    page.fill("details[open] textarea", "It came after all")
    page.click('button:text-is("Undo")')
    assert "by the end of 18 December 2026" in page.inner_text("h1")
    assert violations(page) == []


def test_a_deadline_is_printed_without_what_is_only_for_the_screen(
    page: Page, story: Story
) -> None:
    sign_in(page, story.console, "link-inspector-fife")
    visit(page, f"{story.console}/deadlines?area=S12000047", "desk")
    page.locator(".console_list__item", has_text=story.reference).locator("a").first.click()
    page.emulate_media(media="print")
    assert page.is_visible(".cal__grid")
    assert page.is_visible("h1")
    for gone in ("nav", ".console_who", "#letter", "text=Give more time"):
        assert not page.is_visible(gone)


def test_nobody_sees_what_is_due_elsewhere(page: Page, story: Story) -> None:
    sign_in(page, story.console, "link-inspector-glasgow")
    visit(page, f"{story.console}/deadlines", "desk")
    assert story.reference not in page.content()
    assert page.query_selector('#area option[value="S12000047"]') is None
