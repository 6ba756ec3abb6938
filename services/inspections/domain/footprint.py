"""Footprints: versioned templates of how the weeks of a joint inspection are used."""

from dataclasses import dataclass

from services.inspections.domain.vocabulary import Theme


@dataclass(frozen=True, slots=True)
class Phase:
    """Weeks `first_week` to `last_week`, both included, counted from 1."""

    name: str
    first_week: int
    last_week: int


@dataclass(frozen=True, slots=True)
class Footprint:
    """One version of a template; its id names the version, and what an id means never changes.

    School-holiday weeks of the area do not count among `weeks`; `phases` may be unknown.
    """

    id: str
    name: str
    version: str
    theme: Theme
    weeks: int
    phases: tuple[Phase, ...] = ()
