"""What the README files point at exists, so that they can be followed years later."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = re.compile(r"`([\w./-]+)`")
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
READMES = [
    file
    for file in sorted(ROOT.glob("**/README.md"))
    if not {".venv", ".scrutiny", "node_modules", "static"} & set(file.relative_to(ROOT).parts)
]
readme = pytest.mark.parametrize("file", READMES, ids=lambda file: str(file.relative_to(ROOT)))


def paths_in_tables(text: str) -> list[str]:
    """Everything in a table's code spans that looks like a path with a folder or a suffix."""
    rows = [line for line in text.splitlines() if line.lstrip().startswith("|")]
    spans = [span for row in rows for span in CODE.findall(row)]
    return [span for span in spans if re.search(r"\w/\w|/$|\.(py|md|yml|toml|csv)$", span)]


def exists(path: str, readme: Path) -> bool:
    """A path counts from the root or from the README's own folder; `/health` is a route."""
    return path.startswith("/") or (ROOT / path).exists() or (readme.parent / path).exists()


@readme
def test_paths_in_tables_exist(file: Path) -> None:
    missing = [path for path in paths_in_tables(file.read_text()) if not exists(path, file)]
    assert missing == []


@readme
def test_links_lead_somewhere(file: Path) -> None:
    links = LINK.findall(file.read_text())
    assert [link for link in links if not (file.parent / link).exists()] == []


def test_a_missing_path_is_seen() -> None:
    assert paths_in_tables("| step | `services/nowhere.py` |") == ["services/nowhere.py"]
    assert not exists("services/nowhere.py", ROOT / "README.md")


def test_the_page_about_tests_names_every_folder_of_them() -> None:
    page = (ROOT / "tests/README.md").read_text()
    folders = {file.parent for file in (ROOT / "tests").glob("*/test_*.py")}
    assert {folder.name for folder in folders if f"`tests/{folder.name}/`" not in page} == set()
