"""Every setting a service reads is in the table of settings, and the table invents none."""

import re
from importlib import import_module
from pathlib import Path

README = Path(__file__).parents[2] / "shared" / "README.md"
SERVICES = ("intake", "deadlines", "directory", "inspections", "console")


def read_by_services() -> set[str]:
    """The variables of every service's settings."""
    kinds = [import_module(f"services.{name}.settings").Settings for name in SERVICES]
    return {f"SCRUTINY_{field.upper()}" for kind in kinds for field in kind.model_fields}


def told_in(text: str) -> set[str]:
    """The variables that the first column of a table names."""
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `SCRUTINY_")]
    return {name for row in rows for name in re.findall(r"`(SCRUTINY_\w+)`", row)}


def test_the_table_names_every_setting_and_no_other() -> None:
    assert told_in(README.read_text()) == read_by_services()


def test_a_setting_that_is_not_told_of_is_seen() -> None:
    assert told_in("| `SCRUTINY_NEW` | none |") - read_by_services() == {"SCRUTINY_NEW"}
