"""The page says what the figures say, of every promise, and of tests that exist."""

from pathlib import Path

from tests.chaos.figures import FOLDER
from tests.chaos.page import PAGE, written
from tests.chaos.promises import PROMISES


def test_the_page_holds_the_figures_that_are_checked_in() -> None:
    page = PAGE.read_text()
    assert written(page) == page, "run: python -m tests.chaos.page"


def test_every_attack_is_on_the_page() -> None:
    attacks = {file.name for file in Path(__file__).parent.glob("test_*.py")}
    assert attacks - {Path(__file__).name} <= {one.module for one in PROMISES}


def test_every_figure_that_was_kept_is_on_the_page() -> None:
    kept = {file.stem for file in FOLDER.glob("*.json")}
    assert kept <= {name for one in PROMISES for name in one.figures}
