"""A real Chromium in front of a whole running system in which one case has happened."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.visitor import sign_in
from tests.system.running import System

ARGUMENTS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
NOTIFICATION = {
    "kind": "death-looked-after-child",
    "area": "S12000047",
    "occurred_at": "2026-11-20T22:30:00Z",
    "aware_at": "2026-11-21T08:30:00Z",
    "notifier": {
        "organisation": "Fife Council",
        "name": "Sample Notifier",
        "role": "Service manager",
        "email": "notifier@example.org",
    },
    "subject": {"name": "Sample Child", "date_of_birth": "2012-05-06"},
    "details": {"legal_basis": "compulsory supervision order", "residing_at_death": "foster care"},
}


@dataclass(frozen=True)
class Story:
    """A system in which a death was notified and everything that follows has happened."""

    system: System
    reference: str
    trace_id: str

    @property
    def console(self) -> str:
        """Where the pages are."""
        return self.system.url("console")


# Playwright keeps an event loop running in this thread: it must end before other tests need one.
@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """One Chromium for all pages."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="package")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """One case, from its notification to its last span in the console."""
    system = System(tmp_path_factory.mktemp("pages") / "home").start()
    yield _notified(system)
    system.stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A window of somebody who has never been here."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture
def quiet(page: Page) -> Iterator[Page]:
    """A window in which no script runs."""
    assert page.context.browser is not None
    context = page.context.browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


@dataclass
class Windows:
    """One window a person, signed in once for the run; without a name, of a stranger."""

    browser: Browser
    console: str
    _contexts: dict[str, BrowserContext] = field(default_factory=dict)

    def of(self, person: str) -> Page:
        """A new page in that person's browser."""
        if person not in self._contexts:
            self._contexts[person] = self.browser.new_context()
            if person:
                sign_in(self._contexts[person].new_page(), self.console, person)
        context = self._contexts[person]
        for opened in context.pages:
            opened.close()
        return context.new_page()

    def close(self) -> None:
        """Close them all."""
        for context in self._contexts.values():
            context.close()


@pytest.fixture(scope="module")
def windows(browser: Browser, story: Story) -> Iterator[Windows]:
    """Of everybody who looks at pages and does not sign out."""
    found = Windows(browser, story.console)
    yield found
    found.close()


def _notified(system: System) -> Story:
    headers = system.auth("notifier", "S12000047") | {"Idempotency-Key": str(uuid4())}
    answer = httpx.post(system.url("intake") + "/notifications", json=NOTIFICATION, headers=headers)
    assert answer.status_code == 201, answer.text
    reference = answer.json()["reference"]
    _until(lambda: _clocks(system, reference) == 4 and any(system.home.mails.glob("*.eml")))
    # Spans leave their processes twice a second.
    time.sleep(2)
    return Story(system, reference, answer.headers["x-trace-id"])


def _clocks(system: System, reference: str) -> int:
    found = httpx.get(
        system.url("deadlines") + "/clocks",
        params={"reference": reference},
        headers=system.auth("auditor"),
    )
    return len(found.json()["items"])


def _until(true: Callable[[], bool]) -> None:
    for _ in range(100):
        if true():
            return
        time.sleep(0.2)
    raise AssertionError("the case did not become whole within 20 seconds")
