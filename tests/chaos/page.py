"""Writes the page: `python -m tests.chaos.page` puts the last full figures into README.md."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.chaos.figures import FOLDER
from tests.chaos.promises import PROMISES, Promise

PAGE = Path(__file__).parent / "README.md"
BEGIN, END = "<!-- written by python -m tests.chaos.page -->", "<!-- until here -->"
# Said in a sentence of its own, not among the figures.
ABOUT = ("on", "share", "seed")


def main() -> None:
    """Replace the table; what stands around it is written by hand."""
    PAGE.write_text(written(PAGE.read_text()))


def written(page: str) -> str:
    """The page with a table of today's figures."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def table() -> str:
    """A row for each promise; a full attack that has not been made is said to be missing."""
    head = ("| promise | how it is attacked | what must be found out | last full figures |",)
    rows = [_row(number, one) for number, one in enumerate(PROMISES, 1)]
    return "\n".join((*head, "|---|---|---|---|", *rows))


def _row(number: int, promise: Promise) -> str:
    commands = "<br>".join(f"`make chaos CHAOS={module}`" for module in promise.modules)
    first = f"**{number}. {promise.title}**<br>{commands}"
    kept = [file for one in promise.figures for file in sorted(FOLDER.glob(f"{one}.json"))]
    found = "<br>".join(map(figures, kept)) or "not yet attacked in full"
    return f"| {first} | {promise.attack} | {promise.control} | {found} |"


def figures(file: Path) -> str:
    """One file of figures in a line."""
    found = json.loads(file.read_text())
    share = found.get("share", 1)
    size = "" if share == 1 else f", with {share:g} of the full numbers"
    told = "; ".join(_told(key, value) for key, value in found.items() if key not in ABOUT)
    return f"{file.stem}, {found['on']}{size}, seed {found['seed']}: {told}"


def _told(name: str, value: Any) -> str:
    return f"{name.replace('_', ' ')} {_value(value)}"


def _value(value: Any) -> str:
    match value:
        case int() | float():
            return f"**{value:,}**"
        case Mapping():
            inside = ", ".join(f"{key} {number}" for key, number in value.items())
            return f"({inside})" if inside else "**none**"
        case _:
            return str(value)


if __name__ == "__main__":
    main()
