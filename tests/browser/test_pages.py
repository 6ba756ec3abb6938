"""Every page, at a desk and on a phone: accessible, in order, within its width, from here."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Story, Windows
from tests.browser.visitor import WIDTHS, outline, scrolls_sideways, sign_in, violations, visit

pytestmark = pytest.mark.browser

PAGES = [
    ("", "/", 200),
    ("", "/nowhere", 404),
    ("", "/sign-in", 200),
    ("operator", "/", 200),
    ("operator", "/traces", 200),
    ("operator", "/traces?reference={reference}", 200),
    ("operator", "/traces?min_ms=abc", 200),
    ("operator", "/traces?reference=nobody", 200),
    ("operator", "/traces/{trace_id}", 200),
    ("operator", "/traces/{trace_id}?sql=hide", 200),
    ("operator", "/health", 200),
    ("operator", "/parked", 200),
    ("operator", "/mails", 200),
    ("operator", "/cases/{reference}", 200),
    ("operator", "/cases", 403),
    ("auditor", "/cases", 200),
    ("auditor", "/cases/{reference}", 200),
    ("fife-notifier", "/cases/{reference}", 200),
    ("link-inspector-glasgow", "/cases/{reference}", 404),
    ("link-inspector-fife", "/traces", 403),
    ("link-inspector-fife", "/deadlines", 200),
    ("link-inspector-fife", "/deadlines?due_from=soon", 422),
    ("chief-inspector", "/deadlines?area=mine&state=overdue", 200),
    ("operator", "/deadlines", 403),
    ("operator", "/what-if", 200),
    ("fife-notifier", "/what-if?kind=death-looked-after-child&area=S12000047", 200),
    ("support-officer", "/statistics", 200),
    ("support-officer", "/statistics?by=kind", 200),
    ("support-officer", "/statistics?from=2026-04-01&to=2026-01-01", 422),
    ("link-inspector-fife", "/statistics?by=period", 200),
    ("operator", "/statistics", 403),
    ("link-inspector-fife", "/calendars", 200),
    ("support-officer", "/calendars/scotland?year=2026", 200),
    ("auditor", "/calendars/S12000047", 200),
    ("link-inspector-fife", "/feeds", 200),
    ("operator", "/rules", 200),
    ("fife-notifier", "/rules/lac-notify-one-working-day", 200),
    ("fife-notifier", "/rules/lra-agency-reply-14d?version=1", 200),
    ("auditor", "/rules/changes?from=1&to=1", 200),
    ("auditor", "/rules?version=9", 422),
    ("chief-inspector", "/cases/{reference}/rebase", 200),
    ("fife-notifier", "/regimes", 200),
    ("link-inspector-fife", "/regimes/declare", 403),
    ("chief-inspector", "/reminders", 200),
    ("auditor", "/reminders", 403),
]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("person", "path", "status"), PAGES)
def test_a_page_is_for_everybody(
    windows: Windows, story: Story, person: str, path: str, status: int, width: str
) -> None:
    page = windows.of(person)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    address = story.console + path.format(reference=story.reference, trace_id=story.trace_id)
    assert visit(page, address, width).status == status
    for opened in page.query_selector_all("details")[:8]:
        opened.evaluate("one => one.open = true")
    assert violations(page) == []
    assert not scrolls_sideways(page)
    levels = outline(page)
    assert levels[0] == 1 or "error-summary" in page.content()
    assert levels.count(1) == 1
    assert page.title().endswith("Strategic Scrutiny")
    assert all(url.startswith((story.console, "data:")) for url in asked)


def test_the_keyboard_reaches_the_content_at_once(page: Page, story: Story) -> None:
    visit(page, story.console, "desk")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main-content"


def test_a_waterfall_is_opened_by_the_keyboard_alone(page: Page, story: Story) -> None:
    sign_in(page, story.console, "operator")
    visit(page, f"{story.console}/traces/{story.trace_id}", "desk")
    page.focus(".console_span summary")
    assert not page.is_visible(".console_span__more")
    page.keyboard.press("Enter")
    assert page.is_visible(".console_span__more")
    assert "http.request.method" in page.inner_text(".console_span__more >> nth=0")


def test_from_a_reference_to_the_whole_story_without_a_script(page: Page, story: Story) -> None:
    assert page.context.browser is not None
    context = page.context.browser.new_context(java_script_enabled=False)
    quiet = context.new_page()
    quiet.goto(f"{story.console}/traces")
    quiet.click('button[value="operator"]')
    quiet.fill("#reference", story.reference)
    quiet.click("text=Search")
    quiet.click(f'a[href="/traces/{story.trace_id}"]')
    told = quiet.inner_text("main")
    for service in ("intake", "deadlines", "directory"):
        assert service in told
    for work in ("POST /notifications", "process intake.notifications.v1", "mail"):
        assert work in told
    quiet.click("text=Sign out")
    assert "Sign in" in quiet.inner_text("main")
    context.close()


def test_every_bar_has_its_service_named_beside_it(page: Page, story: Story) -> None:
    sign_in(page, story.console, "operator")
    visit(page, f"{story.console}/traces/{story.trace_id}", "phone")
    rows = page.query_selector_all(".console_waterfall > li")
    assert len(rows) > 10
    for row in rows:
        assert row.query_selector("svg rect") is not None
        named = row.query_selector(".console_span__service")
        assert named is not None
        assert named.inner_text()


def test_the_case_explains_its_deadlines(page: Page, story: Story) -> None:
    sign_in(page, story.console, "link-inspector-fife")
    visit(page, f"{story.console}/cases/{story.reference}", "desk")
    told = page.inner_text("main")
    assert "21 November 2026, 10.30pm" in told
    assert "this wording governs" in told
    assert "The notification" in told
    page.click("text=Every day, counted or not >> nth=0")
    assert "not counted: weekend" in page.inner_text("main")
