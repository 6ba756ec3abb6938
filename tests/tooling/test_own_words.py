"""The product stands alone: it reads nothing outside its folder and says nothing of its making."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).relative_to(ROOT)
FOREIGN = re.compile(
    r"/work/(shared|main|\.)"  # a developer's machine
    r"|\bBRIEF\.md\b|\bissues? (show|#?\d+)\b"  # a developer's to-do list
    r"|\b(TODO|FIXME|XXX|HACK)\b"  # work that was left
)
TEXT = {".py", ".md", ".toml", ".yml", ".yaml", ".json", ".sh", ".sql", ".html", ".css", ".csv", ""}
VENDORED = {"vendor", "vendored", "static"}


def product_files() -> list[Path]:
    """Every text file that is kept, other than this one and what others wrote."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    files = [Path(line) for line in listed.stdout.splitlines()]
    return [
        file
        for file in files
        if file.suffix in TEXT and file != HERE and not VENDORED & set(file.parts)
    ]


def test_no_file_speaks_of_how_the_product_is_made() -> None:
    found = {
        str(file): match.group()
        for file in product_files()
        if (match := FOREIGN.search((ROOT / file).read_text(errors="replace")))
    }
    assert found == {}
