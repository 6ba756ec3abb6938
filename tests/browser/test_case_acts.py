"""A date of a case is put right and the case closed and reopened, by people without a script."""

from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import NOTIFICATION, Story
from tests.browser.visitor import faults, outline, sign_in, sign_in_quietly, visit

pytestmark = pytest.mark.browser

WHY = "It was read off the wrong line"


@pytest.fixture(scope="module")
def case(story: Story) -> str:
    """The page of a case that nobody else looks at."""
    system = story.system
    headers = system.auth("notifier", "S12000047") | {"Idempotency-Key": str(uuid4())}
    answer = httpx.post(system.url("intake") + "/notifications", json=NOTIFICATION, headers=headers)
    assert answer.status_code == 201, answer.text
    return f"{story.console}/cases/{answer.json()['reference']}"


def open_case(page: Page, case: str) -> None:
    """Its page, once its clocks have begun."""
    for _ in range(50):
        page.goto(case)
        if "No clock has been started yet" not in page.inner_text("main"):
            return
        page.wait_for_timeout(200)
    raise AssertionError(page.inner_text("main"))


def look_ahead(page: Page, when: str) -> str:
    """What would move if it had happened then, from the page of the case."""
    page.click("text=Put a date right")
    page.click("label:text-is('When it happened')")
    page.fill("#value", when)
    page.fill("#reason", WHY)
    page.click('button:text-is("See what would move")')
    return page.inner_text("main")


def put_right(page: Page) -> None:
    """What was looked at, and waits for what moved."""
    page.click('button:text-is("Put it right")')
    for _ in range(50):
        if not page.locator("text=Look again").count():
            return
        page.wait_for_timeout(200)
        page.click("text=Look again")
    raise AssertionError(page.inner_text("main"))


def end_or_go_on(page: Page, link: str, button: str) -> None:
    """One act that needs nothing but a reason."""
    page.click(f"text={link}")
    page.fill("#reason", "Nothing more is to be expected")
    page.click(f'button:text-is("{button}")')


def test_a_date_is_put_right_and_what_moved_is_seen_without_a_script(
    quiet: Page, story: Story, case: str
) -> None:
    sign_in_quietly(quiet, story.console, "support-officer")
    open_case(quiet, case)
    told = look_ahead(quiet, "2026-11-18T21:00")
    assert "By the end of 16 December 2026" in told
    quiet.click("text=Change what I entered")
    assert quiet.input_value("#reason") == WHY
    quiet.click('button:text-is("See what would move")')
    put_right(quiet)
    told = quiet.inner_text("main")
    assert "20 November 2026, 10.30pm" in told
    assert "18 November 2026, 9.00pm" in told
    assert "By the end of 18 December 2026" in told
    assert "By the end of 16 December 2026" in told
    assert "2 days earlier" in told
    quiet.click("text=Back to the case")
    assert WHY in quiet.inner_text("main")


def test_a_case_is_closed_and_reopened_without_a_script(
    quiet: Page, story: Story, case: str
) -> None:
    sign_in_quietly(quiet, story.console, "link-inspector-fife")
    open_case(quiet, case)
    end_or_go_on(quiet, "Close the case", "Close it")
    assert "Closed" in quiet.inner_text(".console_tags >> nth=0")
    assert "The case was closed." in quiet.inner_text("main")
    end_or_go_on(quiet, "Reopen the case", "Reopen it")
    assert "Received" in quiet.inner_text(".console_tags >> nth=0")


def test_every_page_and_state_of_an_act_is_for_everybody(
    page: Page, story: Story, case: str
) -> None:
    sign_in(page, story.console, "support-officer")
    open_case(page, case)
    assert faults(page) == []
    for act in ("correct", "withdraw", "close"):
        visit(page, f"{case}/{act}", "desk")
        assert faults(page) == []
        assert outline(page) == [1]
        page.click("form.form button")
        assert "Say why" in page.inner_text("#reason-error")
        assert faults(page) == []
    for act in ("ratify", "reopen"):
        visit(page, f"{case}/{act}", "desk")
        assert faults(page) == []
    page.goto(case)
    look_ahead(page, "2026-11-17T21:00")
    assert faults(page) == []
    put_right(page)
    assert faults(page) == []
    assert outline(page) == [1, 2]


def test_a_correction_is_made_by_the_keyboard_alone(page: Page, story: Story, case: str) -> None:
    sign_in(page, story.console, "support-officer")
    visit(page, f"{case}/correct", "desk")
    page.click("form.form button")
    page.focus("#error-summary a >> nth=0")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.is_checked("input[name=field] >> nth=0")
