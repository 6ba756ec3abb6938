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
    attacks = {file.stem.removeprefix("test_") for file in HERE.glob("test_*.py")} - {"page"}
    assert attacks <= {module for one in PROMISES for module in one.modules}


def test_every_figure_that_was_kept_is_on_the_page() -> None:
    kept, shown = set(FOLDER.glob("*.json")), set[Path]()
    for pattern in (pattern for one in PROMISES for pattern in one.figures):
        shown.update(FOLDER.glob(f"{pattern}.json"))
    assert kept == shown
