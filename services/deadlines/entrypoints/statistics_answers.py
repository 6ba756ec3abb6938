"""Statistics as they are answered."""

from datetime import date, datetime

from msgspec import Struct

from services.deadlines.domain.silence import Silence
from services.deadlines.domain.statistics import Table


class ColumnOut(Struct, frozen=True):
    """One column of a table, or one row of it by name alone."""

    id: str
    label: str


class RowOut(Struct, frozen=True):
    """One row; a figure that is null is withheld."""

    id: str
    label: str
    figures: dict[str, int | None]


class TableOut(Struct, frozen=True, kw_only=True):
    """Counts by row and column; both have a last one with the id `total`."""

    title: str
    by: str
    audience: str
    as_at: datetime
    columns: list[ColumnOut]
    rows: list[RowOut]
    withheld: int


class SilenceOut(Struct, frozen=True, kw_only=True):
    """One council area against its own history.

    `expected` is what its earlier history makes usual in 12 months, `chance` how likely so few
    are if nothing has changed.
    """

    area: str
    name: str
    last_on: date | None
    in_12_months: int
    expected: float | None
    chance: float | None
    finding: str


class SilencesOut(Struct, frozen=True):
    """Every council area the caller may see."""

    as_at: datetime
    areas: list[SilenceOut]


def table_out(table: Table, now: datetime) -> TableOut:
    """One table."""
    return TableOut(
        title=table.title,
        by=table.by.value,
        audience=table.audience.value,
        as_at=now,
        columns=[ColumnOut(name, label) for name, label in table.columns.items()],
        rows=[_row(table, name, label) for name, label in table.rows.items()],
        withheld=table.withheld,
    )


def silence_out(found: Silence) -> SilenceOut:
    """One area."""
    return SilenceOut(
        area=found.area,
        name=found.name,
        last_on=found.last_on,
        in_12_months=found.in_window,
        expected=None if found.expected is None else round(found.expected, 2),
        chance=None if found.chance is None else round(found.chance, 4),
        finding=found.finding.value,
    )


def _row(table: Table, name: str, label: str) -> RowOut:
    figures = {column: table.figures[(name, column)] for column in table.columns}
    return RowOut(name, label, figures)
