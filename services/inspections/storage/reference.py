"""The reference data that is part of this package: footprints, and elements to suggest."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from services.inspections.domain.footprint import Footprint, Phase
from services.inspections.domain.plan import Reference
from services.inspections.domain.vocabulary import Body, Theme
from shared.areas import COUNCIL_AREAS

_FOLDER = files("services.inspections") / "reference"


@cache
def footprints() -> dict[str, Footprint]:
    """Every version of every footprint, by its id."""
    entries = _toml("footprints.toml")["footprint"]
    return {entry["id"]: _footprint(entry) for entry in entries}


@cache
def reference_data() -> Reference:
    """What a plan may refer to."""
    return Reference(frozenset(COUNCIL_AREAS), footprints())


@cache
def suggested_elements() -> dict[Theme, dict[str, tuple[Body, ...]]]:
    """For each theme, elements to start from and the bodies offered for each."""
    return {
        Theme(theme): {name: tuple(Body(body) for body in bodies) for name, bodies in names.items()}
        for theme, names in _toml("elements.toml").items()
    }


def _footprint(entry: dict[str, Any]) -> Footprint:
    phases = tuple(Phase(**phase) for phase in entry.get("phases", ()))
    return Footprint(**(entry | {"theme": Theme(entry["theme"]), "phases": phases}))


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads(_text(name))


def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")
