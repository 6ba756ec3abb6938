"""The reference data that is part of this package, in dated editions.

An edition is loaded by the migration of its name and is never edited: a new council area or
code comes as a new edition with a migration of its own.
"""

import csv
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class CouncilArea:
    """One line of the edition: an area with its partnership and its health board."""

    gss_code: str
    name: str
    partnership_code: str
    partnership: str
    health_board_code: str
    health_board: str


def council_areas() -> list[CouncilArea]:
    """The 32 council areas of the first edition."""
    folder = files("services.directory") / "reference"
    lines = (folder / "council_areas.csv").read_text(encoding="utf-8").splitlines()
    return [CouncilArea(*row) for row in list(csv.reader(lines))[1:]]
