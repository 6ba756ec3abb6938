"""An emergency regime, from the form to its history, without a script; nobody is left out."""

from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import NOTIFICATION, Story
from tests.browser.visitor import faults, outline, sign_in, sign_in_quietly, visit

pytestmark = pytest.mark.browser

# A regime moves every clock of its areas; nobody else's case is here.
GLASGOW = "S12000049"
ENTERED = {
    "name": "Flood",
    "from": "2026-11-01",
    "until": "2027-02-01",
    "amount_report": "14",
    "reason": "Offices were closed by law",
    "agreed_by": "Scottish Ministers",
}


@pytest.fixture(scope="module")
def reference(story: Story) -> str:
    """A case in Glasgow."""
    system = story.system
    headers = system.auth("notifier", GLASGOW) | {"Idempotency-Key": str(uuid4())}
    told = NOTIFICATION | {"area": GLASGOW}
    answer = httpx.post(system.url("intake") + "/notifications", json=told, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()["reference"]


def entered(page: Page) -> None:
    """The form of a regime over Glasgow, filled in."""
    for name, value in ENTERED.items():
        page.fill(f"#{name}", value)
    page.click(f"label[for=area_{GLASGOW}]")


def see_effect(page: Page, reference: str) -> None:
    """Looks ahead until the case's clocks have begun."""
    for _ in range(50):
        page.click("text=See what it would touch")
        if reference in page.inner_text("main"):
            return
        page.click("text=Change what I entered")
    raise AssertionError(page.inner_text("main"))


def looked_at(page: Page, act: str, entering: dict[str, str]) -> str:
    """What a change of it would move, told before it is done; what was entered is kept."""
    page.click(f"text={act}")
    for name, value in entering.items():
        page.fill(f"#{name}", value)
    page.click("text=See what would change")
    page.click("text=Change what I entered")
    assert {name: page.input_value(f"#{name}") for name in entering} == entering
    page.click("text=See what would change")
    return page.inner_text("main")


def test_a_regime_is_looked_at_declared_ended_and_withdrawn_without_a_script(
    quiet: Page, story: Story, reference: str
) -> None:
    sign_in_quietly(quiet, story.console, "chief-inspector")
    quiet.goto(f"{story.console}/regimes")
    quiet.click("text=Declare one")
    entered(quiet)
    see_effect(quiet, reference)
    told = quiet.inner_text("main")
    assert "14 days later" in told
    assert "By the end of 18 December 2026" in told
    assert "By the end of 1 January 2027" in told
    quiet.click("text=Change what I entered")
    assert quiet.input_value("#name") == "Flood"
    assert quiet.is_checked(f"#area_{GLASGOW}")
    quiet.click("text=See what it would touch")
    quiet.click('button:text-is("Declare it")')
    assert "Declared. 2 clocks changed." in quiet.inner_text("main")
    ending = {"until": "2026-11-10", "reason": "Offices are open again"}
    assert "14 days earlier" in looked_at(quiet, "Give it another end", ending)
    quiet.click('button:text-is("Give it this end")')
    told = quiet.inner_text("main")
    assert "until the start of 10 November 2026, before until the start of 1 February 2027" in told
    told = looked_at(quiet, "Withdraw it", {"reason": "It was never needed"})
    assert "No clock that runs now would change" in told
    quiet.click('button:text-is("Withdraw it")')
    assert "It was never needed" in quiet.inner_text("main")
    quiet.goto(f"{story.console}/regimes")
    assert "Withdrawn" in quiet.locator(".console_list__item", has_text="Flood").inner_text()


def test_every_page_and_state_of_a_regime_is_for_everybody(
    page: Page, story: Story, reference: str
) -> None:
    sign_in(page, story.console, "chief-inspector")
    visit(page, f"{story.console}/regimes/declare", "desk")
    assert faults(page) == []
    page.click("text=See what it would touch")
    assert faults(page) == []
    assert "There is a problem" in page.inner_text("#error-summary")
    entered(page)
    see_effect(page, reference)
    assert faults(page) == []
    page.click('button:text-is("Declare it")')
    assert faults(page) == []
    assert outline(page) == [1, 2]
    address = page.url
    for act in ("end", "withdraw"):
        visit(page, f"{address}/{act}", "desk")
        assert faults(page) == []
        page.fill("#reason", "")
        page.click("form.form button")
        assert "Say why" in page.inner_text("#reason-error")
        assert faults(page) == []
        page.fill("#reason", "It was never needed")
        page.click("form.form button")
        assert faults(page) == []
        assert outline(page) == [1, 2]
    page.click('button:text-is("Withdraw it")')
    assert faults(page) == []
    visit(page, f"{story.console}/regimes", "desk")
    assert faults(page) == []


def test_a_mistake_is_reached_from_the_summary_by_the_keyboard_alone(
    page: Page, story: Story
) -> None:
    sign_in(page, story.console, "chief-inspector")
    visit(page, f"{story.console}/regimes/declare", "desk")
    page.click("text=See what it would touch")
    page.focus("#error-summary a >> nth=0")
    page.keyboard.press("Enter")
    page.keyboard.type("Flood")
    assert page.input_value("#name") == "Flood"


def test_a_regime_is_printed_without_what_is_only_for_the_screen(page: Page, story: Story) -> None:
    sign_in(page, story.console, "chief-inspector")
    visit(page, f"{story.console}/regimes", "desk")
    page.emulate_media(media="print")
    assert page.is_visible("h1")
    assert not page.is_visible("text=Declare one")
