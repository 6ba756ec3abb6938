"""The page says what the figures say, of every promise, and of tests that exist."""

from pathlib import Path

from tests.chaos.figures import FOLDER
from tests.chaos.page import PAGE, written
from tests.chaos.promises import PROMISES

HERE = Path(__file__).parent


def test_the_page_holds_the_figures_that_are_checked_in() -> None:
    page = PAGE.read_text()
    assert written(page) == page, "run: python -m tests.chaos.page"


def test_every_attack_is_on_the_page() -> None:
    # As `make chaos CHAOS=...` finds them: an attack may stand in several files of one name.
    shown = {HERE / "test_page.py"}
    for module in (module for one in PROMISES for module in one.modules):
        shown.update(HERE.glob(f"test_{module}*.py"))
    assert set(HERE.glob("test_*.py")) == shown


def test_every_figure_that_was_kept_is_on_the_page() -> None:
    kept, shown = set(FOLDER.glob("*.json")), set[Path]()
    for pattern in (pattern for one in PROMISES for pattern in one.figures):
        shown.update(FOLDER.glob(f"{pattern}.json"))
    assert kept == shown
