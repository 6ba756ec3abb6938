"""Clocks as last told, from and to their rows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, Select, case, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.deadlines.domain.case import Case
from services.deadlines.domain.clock import Clock
from services.deadlines.domain.progress import Change, Known
from services.deadlines.domain.states import State
from services.deadlines.domain.timeliness import completed_at, outcome
from services.deadlines.storage.cases import case_of
from services.deadlines.storage.tables import CaseRow, ClockRow

_CLOCKS = UUID("6f7a4b52-8d1e-4a39-9c57-2b0f6c1d3e88")
_CHANGES = ("state", "told", "warn_at", "due_at", "due_on", "completed_at", "outcome")
# As time alone moves a running clock from state to state, lists ask the hour and not the sweeper.
_MOVED_BY_TIME = (State.OPEN, State.DUE_SOON, State.OVERDUE)


@dataclass(frozen=True, slots=True)
class Listed:
    """One clock of a list: its id and place in it, its rule and its case."""

    id: str
    number: int
    rule: str
    case: Case


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which clocks a list shows; None means any. `areas` are those that exist for the caller."""

    reference: str | None = None
    area: str | None = None
    state: State | None = None
    due_before: datetime | None = None
    areas: frozenset[str] | None = None


def clock_id(case: Case, rule: str) -> str:
    """The same for the same case and rule, whenever it is asked for."""
    return str(uuid5(_CLOCKS, f"{case.id}/{rule}"))


async def known_clocks(session: AsyncSession, case: Case) -> dict[str, Known]:
    """What was last told about each clock of a case, by rule."""
    rows = await session.scalars(select(ClockRow).where(col(ClockRow.case_id) == case.id))
    return {row.rule: _known(row) for row in rows}


async def save_clocks(session: AsyncSession, case: Case, now: list[tuple[Known, Clock]]) -> None:
    """Write what is known of a case's clocks, in one statement; the row of the case is locked."""
    written = insert(ClockRow).values([_row(case, known, clock) for known, clock in now])
    again = {name: written.excluded[name] for name in _CHANGES}
    await session.execute(written.on_conflict_do_update(index_elements=["id"], set_=again))


async def list_clocks(
    session: AsyncSession, wanted: Wanted, now: datetime, after: int, limit: int
) -> list[Listed]:
    """The clocks wanted, cases as they came, from behind the clock numbered `after`."""
    statement = _joined().where(col(ClockRow.number) > after, *_conditions(wanted, now))
    rows = await session.execute(statement.order_by(col(ClockRow.number)).limit(limit))
    return [_listed(clock, of_case) for clock, of_case in rows]


async def find_clock(session: AsyncSession, clock_id: str) -> Listed | None:
    """One clock by its id."""
    row = (await session.execute(_joined().where(col(ClockRow.id) == clock_id))).first()
    return _listed(row[0], row[1]) if row else None


def _joined() -> Select[ClockRow, CaseRow]:
    return select(ClockRow, CaseRow).join(CaseRow, col(CaseRow.id) == col(ClockRow.case_id))


def _conditions(wanted: Wanted, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.reference is not None:
        found.append(col(CaseRow.reference) == wanted.reference)
    if wanted.area is not None:
        found.append(col(CaseRow.area) == wanted.area)
    if wanted.areas is not None:
        found.append(col(CaseRow.area).in_(wanted.areas))
    if wanted.state is not None:
        found.append(_state_now(now) == wanted.state.value)
    if wanted.due_before is not None:
        found.append(col(ClockRow.due_at) < wanted.due_before)
    return found


def _state_now(now: datetime) -> ColumnElement[str]:
    told = col(ClockRow.state)
    return case(
        (told.not_in(_MOVED_BY_TIME), told),
        (col(ClockRow.due_at) <= now, State.OVERDUE.value),
        (col(ClockRow.warn_at) <= now, State.DUE_SOON.value),
        else_=State.OPEN.value,
    )


def _row(case: Case, known: Known, clock: Clock) -> dict[str, Any]:
    return {
        "id": known.id,
        "case_id": case.id,
        "rule": known.rule,
        "state": known.state.value,
        "told": sorted(known.told),
        "warn_at": clock.warn_at,
        "due_at": clock.due_at,
        "due_on": clock.counted.due_on,
        "area": case.area,
        "kind": case.kind,
        "obligation": clock.rule.obligation,
        "governing": clock.rule.governing,
        "completed_at": completed_at(clock),
        "outcome": outcome(clock),
    }


def _known(row: ClockRow) -> Known:
    told = frozenset(Change(name) for name in row.told)
    return Known(row.id, row.rule, State(row.state), told)


def _listed(row: ClockRow, of_case: CaseRow) -> Listed:
    return Listed(row.id, row.number or 0, row.rule, case_of(of_case))
