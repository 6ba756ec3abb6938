"""New rows that wait for the end of their transaction, and become one statement there.

A statement of its own for each would cost several times what it takes to decide what to write:
a round trip, and SQLAlchemy's way to the driver. So this text is put together once per shape and
handed to the driver as it is. Whatever reads, locks or changes goes through the session.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import count
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import asyncpg

Row = Mapping[str, Any]

_DIALECT = asyncpg.dialect(json_serializer=lambda value: msgspec.json.encode(value).decode())


class Insert:
    """New rows of one table, with values for all its columns or for those named; made once."""

    def __init__(self, table: Table, *names: str) -> None:
        columns = [table.c[name] for name in names or table.c.keys()]
        types = [column.type.dialect_impl(_DIALECT) for column in columns]
        quoted = _DIALECT.identifier_preparer.quote
        self._into = f"{quoted(table.name)} ({', '.join(quoted(one.name) for one in columns)})"
        self._types = [one.type.compile(dialect=_DIALECT) for one in columns]
        self._picked = itemgetter(*(column.name for column in columns))
        # Most values go to the driver as they are.
        found = [(place, one.bind_processor(_DIALECT)) for place, one in enumerate(types)]
        self._prepared = [(place, prepare) for place, prepare in found if prepare is not None]

    def text(self, *, several: bool, numbers: Iterable[int], only_if: str = "") -> str:
        """The statement; its placeholders are numbered on with `numbers`."""
        many = "[]" if several else ""
        values = ", ".join(
            f"${number}::{kind}{many}" for kind, number in zip(self._types, numbers, strict=False)
        )
        rows = f"* FROM unnest({values})" if several else values
        return f"INSERT INTO {self._into} SELECT {rows}{only_if}"

    def values(self, rows: Sequence[Row]) -> list[Any]:
        """What stands behind the placeholders: of several rows a list for each column."""
        picked = [self._row(row) for row in rows]
        return picked[0] if len(picked) == 1 else list(map(list, zip(*picked, strict=True)))

    def _row(self, row: Row) -> list[Any]:
        values = list(self._picked(row))
        for place, prepare in self._prepared:
            values[place] = prepare(values[place])
        return values


class Writes:
    """What one transaction writes at its end; rows of one table keep the order they came in."""

    def __init__(self) -> None:
        self._rows: dict[Insert, list[Row]] = {}

    def __bool__(self) -> bool:
        return bool(self._rows)

    def add(self, insert: Insert, *rows: Row) -> None:
        """Write these as well."""
        if rows:
            self._rows.setdefault(insert, []).extend(rows)

    def statement(self) -> tuple[str, list[Any]]:
        """One statement that writes everything, and its values."""
        return _together(self._shape()), self._values()

    def statement_once(self, claim: Insert, row: Row) -> tuple[str, list[Any]]:
        """The same, but only if `row` is new: it answers `row` once, or nothing at all."""
        return _once(claim, self._shape()), claim.values([row]) + self._values()

    def clear(self) -> None:
        """It has been written."""
        self._rows.clear()

    def _shape(self) -> tuple[tuple[Insert, bool], ...]:
        return tuple((insert, len(rows) > 1) for insert, rows in self._rows.items())

    def _values(self) -> list[Any]:
        return [value for insert, rows in self._rows.items() for value in insert.values(rows)]


@lru_cache(maxsize=256)
def _together(shape: tuple[tuple[Insert, bool], ...]) -> str:
    numbers = count(1)
    *first, last = [insert.text(several=several, numbers=numbers) for insert, several in shape]
    return _with(first) + last


@lru_cache(maxsize=256)
def _once(claim: Insert, shape: tuple[tuple[Insert, bool], ...]) -> str:
    numbers = count(1)
    # Somebody else's uncommitted row of the same key is waited for here.
    claimed = claim.text(several=False, numbers=numbers) + " ON CONFLICT DO NOTHING RETURNING 1"
    only_if = " WHERE EXISTS (SELECT FROM w0)"
    written = [
        insert.text(several=several, numbers=numbers, only_if=only_if) for insert, several in shape
    ]
    return f"{_with([claimed, *written])}SELECT FROM w0"


def _with(statements: Sequence[str]) -> str:
    parts = ", ".join(f"w{number} AS ({text})" for number, text in enumerate(statements))
    return f"WITH {parts} " if parts else ""
