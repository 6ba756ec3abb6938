"""What a calendar program is told: references and obligations, and nothing about anybody."""

from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from services.deadlines.domain import wording
from services.deadlines.domain.local_time import end_of
from shared.areas import COUNCIL_AREAS


class Scope(StrEnum):
    """Whose clocks a feed shows: its owner's areas, one area, or the areas of a team."""

    PERSON = "person"
    AREA = "area"
    TEAM = "team"


class Entry(NamedTuple):
    """One clock in a calendar; `sequence` grows whenever it says something new."""

    clock: str
    sequence: int
    status: str
    due_at: datetime
    due_on: date
    changed_at: datetime
    reference: str
    area: str
    kind: str
    obligation: str
    rule: str

    @property
    def by_end_of_day(self) -> bool:
        """Whether it is due by the end of a day, and not at an hour."""
        return end_of(self.due_on) == self.due_at

    @property
    def summary(self) -> str:
        """One line."""
        return f"{self.reference}: {wording.obligation(self.obligation)} is due"

    @property
    def description(self) -> str:
        """What it is about, in a few lines."""
        area = COUNCIL_AREAS.get(self.area, self.area)
        kind = self.kind.replace("-", " ")
        return f"Area: {area}\nKind: {kind}\nRule: {self.rule}"


def areas_shown(
    scope: Scope, named: frozenset[str], seen: frozenset[str] | None
) -> frozenset[str] | None:
    """The areas of a feed that exist for its owner today; None is all of Scotland."""
    if scope is Scope.PERSON:
        return seen
    return named if seen is None else named & seen
