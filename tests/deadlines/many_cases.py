"""Cases in any number: clones of one that went through the real use cases, written by the server.

A clone differs from its template by its id and its reference alone, so that whatever the service
writes of a case is written of every clone, whichever columns there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

# What names a clone; `number` is given by its identity column.
_CASE = {"id": "'{prefix}-' || lpad(n::text, 9, '0')", "reference": "'{prefix}.' || n"}
_CLOCK = {
    "id": "'{prefix}-' || lpad(n::text, 9, '0') || '/' || t.rule",
    "case_id": "'{prefix}-' || lpad(n::text, 9, '0')",
}
_REMINDER = {"clock_id": "'{prefix}-' || lpad(n::text, 9, '0') || '/' || c.rule"}


@dataclass(frozen=True, slots=True)
class Clones:
    """So many clones of a template under a prefix, to be looked at when it is, or at `wakes_at`."""

    template: str
    prefix: str
    count: int
    wakes_at: datetime | None = None

    @property
    def numbers(self) -> str:
        """One row a clone."""
        return f"generate_series(1, {self.count}) AS n"

    @property
    def of_cases(self) -> dict[str, str]:
        """What differs in the rows of cases."""
        wakes = f"'{self.wakes_at.isoformat()}'::timestamptz" if self.wakes_at else None
        return _CASE | ({"next_act_at": wakes} if wakes else {})


async def write_clones(connection: asyncpg.Connection, clones: Clones) -> None:
    """Write cases, their clocks and what was decided of their reminders."""
    async with connection.transaction():
        # What points to a clone was written a line before: asking for each would take hours.
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("SET LOCAL synchronous_commit = off")
        await _insert(connection, "cases", clones.of_cases, clones, "t.id = $1")
        await _insert(connection, "clocks", _CLOCK, clones, "t.case_id = $1", order="n, t.number")
        joined = "t.clock_id = c.id AND c.case_id = $1"
        await _insert(connection, "reminders", _REMINDER, clones, joined, ", clocks c")


async def set_aside_indexes(connection: asyncpg.Connection, tables: Sequence[str]) -> list[str]:
    """Drop the indexes that are no constraints; answers what makes them again."""
    found = await connection.fetch(
        """SELECT indexname, indexdef FROM pg_indexes JOIN pg_index
           ON indexrelid = format('%I.%I', schemaname, indexname)::regclass
           WHERE tablename = ANY($1) AND NOT indisunique""",
        list(tables),
    )
    for index in found:
        await connection.execute(f"DROP INDEX {index['indexname']}")
    return [index["indexdef"] for index in found]


async def put_back_indexes(connection: asyncpg.Connection, indexes: Sequence[str]) -> None:
    """Make them again, each in one go."""
    await connection.execute("SET maintenance_work_mem = '512MB'")
    for index in indexes:
        await connection.execute(index)


async def _insert(
    connection: asyncpg.Connection,
    table: str,
    named: dict[str, str],
    clones: Clones,
    of_template: str,
    more: str = "",
    *,
    order: str = "n",
) -> None:
    columns = await connection.fetch(
        """SELECT column_name AS name FROM information_schema.columns
           WHERE table_name = $1 AND is_identity = 'NO'""",
        table,
    )
    names = [column["name"] for column in columns]
    values = [named.get(name, f"t.{name}").format(prefix=clones.prefix) for name in names]
    await connection.execute(
        f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)} "
        f"FROM {clones.numbers}, {table} t{more} WHERE {of_template} ORDER BY {order}",
        clones.template,
        timeout=3600,
    )
