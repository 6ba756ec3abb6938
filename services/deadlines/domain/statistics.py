"""Tables of counts: what their rows and columns are, and how they are read inside and outside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from services.deadlines.domain.suppression import TOTAL, Cell, suppress, with_totals
from shared.areas import COUNCIL_AREAS


class Audience(StrEnum):
    """Who reads a table: outside, small numbers are withheld."""

    INSIDE = "inside"
    OUTSIDE = "outside"


class By(StrEnum):
    """What the rows of a table are."""

    AREA = "area"
    KIND = "kind"
    PERIOD = "period"


# What became of clocks that were due in the period asked about.
TIMELINESS = {
    "in-time": "In time",
    "late-prompt-once-aware": "Late, prompt once aware",
    "late-under-regime": "Late under an emergency regime, to discuss",
    "late": "Late",
    "overdue": "Overdue, still owed",
}
# How old what runs is, by its due date.
AGES = {
    "overdue-91": "Overdue over 90 days",
    "overdue-90": "Overdue 29 to 90 days",
    "overdue-28": "Overdue 8 to 28 days",
    "overdue-7": "Overdue up to 7 days",
    "due-7": "Due within 7 days",
    "due-28": "Due in 8 to 28 days",
    "due-later": "Due later",
}


@dataclass(frozen=True, slots=True)
class Table:
    """Counts with their totals, under `total`; None is withheld."""

    title: str
    by: By
    rows: Mapping[str, str]
    columns: Mapping[str, str]
    figures: Mapping[Cell, int | None]
    audience: Audience

    @property
    def withheld(self) -> int:
        """How many figures are not shown."""
        return sum(figure is None for figure in self.figures.values())


def table(
    title: str,
    by: By,
    rows: Mapping[str, str],
    columns: Mapping[str, str],
    cells: Mapping[Cell, int],
    audience: Audience,
) -> Table:
    """For those inside every figure, for others what may be shared."""
    figures: Mapping[Cell, int | None] = with_totals(list(rows), list(columns), cells)
    if audience is Audience.OUTSIDE:
        figures = suppress(list(rows), list(columns), cells).figures
    total = {TOTAL: "Total"}
    return Table(title, by, {**rows, **total}, {**columns, **total}, figures, audience)


def rows_of(by: By, kinds: Sequence[str], starts: date, ends: date) -> dict[str, str]:
    """Every row there may be, so that a row that is missing tells nobody anything."""
    if by is By.AREA:
        return dict(COUNCIL_AREAS)
    if by is By.KIND:
        return {kind: kind.replace("-", " ").capitalize() for kind in kinds}
    return {month.strftime("%Y-%m"): month.strftime("%B %Y") for month in months(starts, ends)}


def months(starts: date, ends: date) -> list[date]:
    """The first days of the months from `starts` up to `ends`, which is not included."""
    found: list[date] = []
    month = starts.replace(day=1)
    while month < ends:
        found.append(month)
        month = (month + timedelta(days=31)).replace(day=1)
    return found
