"""Bars of a chart: where each part of a row stands, in hundredths of the longest row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a bar; `starts` and `length` are shares of the whole width."""

    label: str
    figure: int
    starts: float
    length: float
    number: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a table as a bar; `said` is the same in words."""

    label: str
    total: int
    parts: tuple[Part, ...]
    said: str


def bars(table: Mapping[str, Any]) -> Sequence[Bar]:
    """A bar for every row of which something is shown, in the table's order."""
    columns = [one for one in table["columns"] if one["id"] != TOTAL]
    rows = [row for row in table["rows"] if row["id"] != TOTAL and row["figures"][TOTAL]]
    longest = max((row["figures"][TOTAL] for row in rows), default=0)
    return [_bar(row, columns, longest) for row in rows]


def _bar(row: Mapping[str, Any], columns: Sequence[Any], longest: int) -> Bar:
    parts: list[Part] = []
    starts = 0.0
    for number, column in enumerate(columns):
        figure = row["figures"][column["id"]]
        if figure:
            parts.append(Part(column["label"], figure, starts, figure / longest, number))
            starts += figure / longest
    told = ", ".join(f"{part.label}: {part.figure}" for part in parts)
    return Bar(row["label"], row["figures"][TOTAL], tuple(parts), f"{row['label']}: {told}")
