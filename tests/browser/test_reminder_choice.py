"""People choose how mails reach them, from the start page on and without a script."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Story
from tests.browser.visitor import faults, sign_in, sign_in_quietly, visit

pytestmark = pytest.mark.browser


def choose(page: Page, when: str) -> None:
    """Ticks one and saves it."""
    page.click(f"label:text-is('{when}')")
    page.click('button:text-is("Save")')


def test_a_choice_is_made_from_the_start_page_and_taken_back_without_a_script(
    quiet: Page, story: Story
) -> None:
    sign_in_quietly(quiet, story.console, "link-inspector-fife")
    quiet.click("main a:text-is('Reminders')")
    assert quiet.is_checked("#delivery-each")
    choose(quiet, "Once a day")
    assert "One mail a day, from now on." in quiet.inner_text("main")
    choose(quiet, "At once")
    assert "Every mail at once, from now on." in quiet.inner_text("main")


def test_the_pages_of_choices_are_for_everybody(page: Page, story: Story) -> None:
    sign_in(page, story.console, "support-officer")
    visit(page, f"{story.console}/reminders", "desk")
    assert faults(page) == []
    page.click("text=Iona Willow")
    assert faults(page) == []
    choose(page, "At once")
    assert faults(page) == []
