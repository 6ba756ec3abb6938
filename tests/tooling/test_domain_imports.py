"""Domain code is rules in plain Python: the standard library, its own room, and three of shared."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OPEN_TO_ALL = {"shared.areas", "shared.clock", "shared.errors"}
DOMAIN_FILES = sorted(ROOT.glob("services/*/domain/**/*.py"))


def imported_modules(source: str) -> Iterator[str]:
    """Every module a piece of Python imports, wherever in the file it does."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "."


def foreign(source: str, room: str) -> set[str]:
    """The imports that a file in the domain package `room` may not have."""
    return {
        module
        for module in imported_modules(source)
        if module.split(".")[0] not in sys.stdlib_module_names
        and not f"{module}.".startswith(f"{room}.")
        and module not in OPEN_TO_ALL
    }


def test_a_framework_is_foreign_to_domain() -> None:
    source = (
        "def f():\n    from numpy import array\nimport shared.clock, services.intake.domain.kinds"
    )
    assert foreign(source, "services.intake.domain") == {"numpy"}


@pytest.mark.parametrize("file", DOMAIN_FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_domain_imports_nothing_foreign(file: Path) -> None:
    service = file.relative_to(ROOT).parts[1]
    assert foreign(file.read_text(), f"services.{service}.domain") == set()
