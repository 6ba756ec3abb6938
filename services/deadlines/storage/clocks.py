"""Lists of clocks, as last told."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, literal_column, or_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.deadlines.domain.case import Case
from services.deadlines.domain.states import State
from services.deadlines.storage.cases import case_of
from services.deadlines.storage.tables import RUNNING, CaseRow, ClockRow

# As time alone moves a running clock from state to state, lists ask the hour and not the sweeper.
_MOVED_BY_TIME = (State.OPEN, State.DUE_SOON, State.OVERDUE)
# So many clocks are looked through for one page in the order of cases, whatever it asks for.
LOOKED_THROUGH = 200_000


@dataclass(frozen=True, slots=True)
class Listed:
    """One clock of a list: its id and place in it, its rule and its case."""

    id: str
    number: int
    rule: str
    due_at: datetime | None
    case: Case


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which clocks a list shows; None means any. `areas` are those that exist for the caller."""

    reference: str | None = None
    among: frozenset[str] | None = None
    kind: str | None = None
    state: State | None = None
    due_from: datetime | None = None
    due_before: datetime | None = None
    governing: bool | None = None
    areas: frozenset[str] | None = None


class Look(NamedTuple):
    """What was found; `until` is the last number looked at, None where none is left behind it."""

    found: list[Listed]
    until: int | None


@dataclass(frozen=True, slots=True)
class Behind:
    """The clock that a page of what is due begins behind."""

    due_at: datetime
    number: int


async def list_clocks(
    session: AsyncSession, wanted: Wanted, now: datetime, after: int, limit: int
) -> Look:
    """The clocks wanted, cases as they came, from behind the clock numbered `after`.

    Only so many are looked through: where few of them are wanted, less than `limit` are found
    though there are more.
    """
    number = col(ClockRow.number)
    until = None if wanted.reference else await _until(session, after)
    conditions = [number > after, *_conditions(wanted, now)]
    if until is not None:
        conditions.append(number <= until)
    rows = await session.execute(_joined().where(*conditions).order_by(number).limit(limit))
    return Look([_listed(clock, of_case) for clock, of_case in rows], until)


async def list_due(
    session: AsyncSession, wanted: Wanted, now: datetime, behind: Behind | None, limit: int
) -> list[Listed]:
    """The clocks wanted that have a due date, the first due first; running, unless a state is."""
    due_at, number = col(ClockRow.due_at), col(ClockRow.number)
    conditions = [*_conditions(wanted, now), due_at.is_not(None)]
    if wanted.state is None:
        conditions.append(text(RUNNING.replace("state", "clocks.state")))
    if wanted.state is State.OPEN:
        # It would not be open otherwise; so said, the list begins at this instant.
        conditions.append(due_at > now)
    if behind is not None:
        conditions.append(tuple_(due_at, number) > (behind.due_at, behind.number))
    rows = await session.execute(_joined().where(*conditions).order_by(due_at, number).limit(limit))
    return [_listed(clock, of_case) for clock, of_case in rows]


async def find_clock(session: AsyncSession, clock_id: str) -> Listed | None:
    """One clock by its id."""
    row = (await session.execute(_joined().where(col(ClockRow.id) == clock_id))).first()
    return _listed(row[0], row[1]) if row else None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a clock belongs: its case, and the rule it counts by."""

    case: str
    rule: str


async def place_of(session: AsyncSession, clock_id: str) -> Place | None:
    """The case and rule of one clock; its columns alone, so that a lock reads the rest anew."""
    wanted = select(col(ClockRow.case_id), col(ClockRow.rule)).where(col(ClockRow.id) == clock_id)
    row = (await session.execute(wanted)).first()
    return Place(*row) if row else None


async def _until(session: AsyncSession, after: int) -> int | None:
    last = (await session.execute(select(func.max(col(ClockRow.number))))).scalar_one() or 0
    return after + LOOKED_THROUGH if after + LOOKED_THROUGH < last else None


def _joined() -> Select[ClockRow, CaseRow]:
    return select(ClockRow, CaseRow).join(CaseRow, col(CaseRow.id) == col(ClockRow.case_id))


def _conditions(wanted: Wanted, now: datetime) -> list[ColumnElement[bool]]:
    due_at, area = col(ClockRow.due_at), col(ClockRow.area)
    asked: list[tuple[Any, Callable[[Any], ColumnElement[bool]]]] = [
        (wanted.reference, col(CaseRow.reference).__eq__),
        (wanted.among, area.in_),
        (wanted.areas, area.in_),
        (wanted.kind, col(ClockRow.kind).__eq__),
        (wanted.governing, col(ClockRow.governing).is_),
        (wanted.state, partial(_in_state, now)),
        (wanted.due_from, due_at.__ge__),
        (wanted.due_before, due_at.__lt__),
    ]
    return [holds(value) for value, holds in asked if value is not None]


def _in_state(now: datetime, state: State) -> ColumnElement[bool]:
    due_at, warn_at = col(ClockRow.due_at), col(ClockRow.warn_at)
    if state not in _MOVED_BY_TIME:
        return _told(state)
    runs = _told(*_MOVED_BY_TIME)
    if state is State.OVERDUE:
        return and_(runs, due_at <= now)
    if state is State.DUE_SOON:
        return and_(runs, due_at > now, warn_at <= now)
    no_date_or_later = or_(due_at.is_(None), due_at > now)
    return and_(runs, no_date_or_later, or_(warn_at.is_(None), warn_at > now))


def _told(*states: State) -> ColumnElement[bool]:
    """As literals: a partial index is only thought of for values that are known beforehand."""
    return col(ClockRow.state).in_([literal_column(f"'{one.value}'") for one in states])


def _listed(row: ClockRow, of_case: CaseRow) -> Listed:
    return Listed(row.id, row.number or 0, row.rule, row.due_at, case_of(of_case))
