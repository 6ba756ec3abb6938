"""Clocks as last told: read and written for many cases at once, a statement a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from sqlalchemy import Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.deadlines.domain.case import Case
from services.deadlines.domain.clock import Clock
from services.deadlines.domain.progress import Change, Known
from services.deadlines.domain.states import State
from services.deadlines.domain.timeliness import completed_at, outcome
from services.deadlines.domain.woken import Record

_CLOCKS = UUID("6f7a4b52-8d1e-4a39-9c57-2b0f6c1d3e88")
_CHANGES = {
    "state": "text",
    "told": "text",
    "warn_at": "timestamptz",
    "due_at": "timestamptz",
    "due_on": "date",
    "completed_at": "timestamptz",
    "outcome": "text",
    "discuss": "boolean",
}
_FIXED = {
    "case_id": "text",
    "rule": "text",
    "area": "text",
    "kind": "text",
    "obligation": "text",
    "governing": "boolean",
}


class Written(NamedTuple):
    """The row of one clock, and what is known by it; None where there is no row yet."""

    known: Known
    values: tuple[Any, ...] | None

    @property
    def record(self) -> Record | None:
        """What the row says of where the clock stands."""
        if self.values is None:
            return None
        _, _, _, due_at, due_on, _, _, discuss = self.values
        return Record(self.known, due_at, due_on, discuss)


@dataclass(frozen=True, slots=True)
class Recording:
    """One clock to be written: what was read of it, and what is so now."""

    case: Case
    clock: Clock
    read: Written
    now: Known


def clock_id(case: Case, rule: str) -> str:
    """The same for the same case and rule, whenever it is asked for."""
    return str(uuid5(_CLOCKS, f"{case.id}/{rule}"))


def unwritten(case: Case, rule: str) -> Written:
    """A clock that nothing was ever told about."""
    return Written(Known(clock_id(case, rule), rule), None)


async def written_clocks(
    session: AsyncSession, case_ids: Sequence[str]
) -> dict[str, dict[str, Written]]:
    """What was last told about each clock of these cases, by case and rule."""
    found: dict[str, dict[str, Written]] = {case_id: {} for case_id in case_ids}
    for row in await session.execute(_READ, {"cases": list(case_ids)}):
        found[row.case_id][row.rule] = _written(row)
    return found


async def record_clocks(session: AsyncSession, recordings: Sequence[Recording]) -> None:
    """Write the clocks that are new or have changed; the rows of their cases are locked."""
    new: list[tuple[Any, ...]] = []
    changed: list[tuple[Any, ...]] = []
    for one in recordings:
        values = _values(one.now, one.clock)
        if one.read.values is None:
            new.append((one.now.id, *values, *_fixed(one)))
        elif one.read.values != values:
            changed.append((one.now.id, *values))
    if new:
        await session.execute(_INSERT, _columns({**_CHANGES, **_FIXED}, new))
    if changed:
        await session.execute(_UPDATE, _columns(_CHANGES, changed))


def _columns(names: dict[str, str], rows: list[tuple[Any, ...]]) -> dict[str, list[Any]]:
    return dict(zip(("id", *names), map(list, zip(*rows, strict=True)), strict=True))


def _values(known: Known, clock: Clock) -> tuple[Any, ...]:
    return (
        known.state.value,
        _array(known.told),
        clock.warn_at,
        clock.due_at,
        clock.counted.due_on,
        completed_at(clock),
        outcome(clock),
        clock.discuss,
    )


def _fixed(one: Recording) -> tuple[Any, ...]:
    case, rule = one.case, one.clock.rule
    return (case.id, rule.id, case.area, case.kind, rule.obligation, rule.governing)


# Of what is told once there are few words, and fewer ways of having told them.
@lru_cache(maxsize=256)
def _array(told: frozenset[Change]) -> str:
    """As PostgreSQL writes an array of such plain words."""
    return f"{{{','.join(sorted(told))}}}"


@lru_cache(maxsize=256)
def told_of(array: str) -> frozenset[Change]:
    """And back again."""
    return frozenset(Change(name) for name in array.strip("{}").split(",") if name)


def _written(row: Row[Any]) -> Written:
    _, clock, rule, *values = tuple(row)
    return Written(Known(clock, rule, State(values[0]), told_of(values[1])), tuple(values))


def _given(names: dict[str, str]) -> str:
    arrays = (f"CAST(:{name} AS {kind}[])" for name, kind in {"id": "text", **names}.items())
    return f"unnest({', '.join(arrays)}) WITH ORDINALITY AS given(id, {', '.join(names)}, place)"


def _insert() -> TextClause:
    names = {**_CHANGES, **_FIXED}
    given = ", ".join(f"given.{name}{'::text[]' * (name == 'told')}" for name in names)
    return text(
        f"INSERT INTO clocks (id, {', '.join(names)}) "  # noqa: S608 - names of ours
        f"SELECT given.id, {given} FROM {_given(names)} ORDER BY given.place"
    )


def _update() -> TextClause:
    sets = (f"{name} = given.{name}{'::text[]' * (name == 'told')}" for name in _CHANGES)
    return text(
        f"UPDATE clocks SET {', '.join(sets)} FROM {_given(_CHANGES)} "  # noqa: S608 - names of ours
        "WHERE clocks.id = given.id"
    )


_READ = text(
    "SELECT case_id, id, rule, state, told::text, warn_at, due_at, due_on, completed_at, outcome, "
    "discuss FROM clocks WHERE case_id = ANY(CAST(:cases AS text[]))"
)
_INSERT = _insert()
_UPDATE = _update()
