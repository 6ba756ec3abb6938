"""The clocks that run and look at a calendar, case by case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.deadlines.domain.case import Case
from services.deadlines.domain.progress import Known
from services.deadlines.domain.recomputation import OpenCase, Outcome, Recorded
from services.deadlines.domain.states import State
from services.deadlines.storage.cases import CASE_COLUMNS, read_case, readable
from services.deadlines.storage.json_text import as_json
from services.deadlines.storage.recorded_clocks import told_of
from services.deadlines.storage.tables import RUNNING

_IDS = f"""
    SELECT DISTINCT case_id FROM clocks
    WHERE {RUNNING} AND case_id > :behind AND rule = ANY(:rules)
        AND (CAST(:until AS text) IS NULL OR case_id <= :until)
        AND (CAST(:area AS text) IS NULL OR area = :area)
        AND (CAST(:due_from AS date) IS NULL OR due_on >= :due_from)
    ORDER BY case_id LIMIT :limit
"""  # noqa: S608 - written above
# Earliest case first, so that two who lock many cases wait for each other and do not deadlock.
_CASES = "SELECT {columns} FROM cases WHERE id IN ({ids}) ORDER BY id {lock}"
_LOCK = "FOR NO KEY UPDATE"
_CLOCKS = f"""
    SELECT case_id, id, rule, state, told::text, due_at, due_on FROM clocks
    WHERE {RUNNING} AND case_id = ANY(:cases) AND rule = ANY(:rules)
"""  # noqa: S608 - written above
# Rows travel as one JSON text: arrays are looked at element by element on their way.
_MOVE_CLOCKS = text("""
    UPDATE clocks SET due_at = moved.due_at, due_on = moved.due_on, warn_at = moved.warn_at,
        discuss = moved.discuss
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
        AS moved (id text, due_at timestamptz, due_on date, warn_at timestamptz, discuss boolean)
    WHERE clocks.id = moved.id
""")
# What else the case waits for stays as it was: to look too early does no harm.
_MOVE_CASES = text("""
    UPDATE cases SET calendars = moved.calendars, sequence = moved.sequence,
        next_act_at = least(cases.next_act_at, moved.next_at)
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
        AS moved (id text, calendars jsonb, sequence bigint, next_at timestamptz)
    WHERE cases.id = moved.id
""")
_PIN = text("""
    UPDATE cases SET calendars = pinned.calendars
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS pinned (id text, calendars jsonb)
    WHERE cases.id = pinned.id
""")


@dataclass(frozen=True, slots=True)
class Affected:
    """Which clocks a calendar concerns: of these rules, in this area or (None) in all."""

    rules: tuple[str, ...]
    area: str | None = None


async def open_cases(
    session: AsyncSession,
    affected: Affected,
    behind: str,
    limit: int,
    *,
    lock: bool,
    until: str | None = None,
    due_from: date | None = None,
    failed: list[str] | None = None,
) -> list[OpenCase]:
    """Up to `limit` cases behind one id and up to another, with their clocks that run.

    `lock` keeps their rows; `failed` takes the ids of those that cannot be read.
    """
    asked = _asked(affected, behind, limit, until, due_from)
    statement = _CASES.format(columns=CASE_COLUMNS, ids=_IDS, lock=_LOCK if lock else "")
    return await _opened(session, affected, statement, asked, failed)


async def open_case(session: AsyncSession, affected: Affected, case: str) -> list[OpenCase]:
    """One of them alone, its row locked."""
    statement = _CASES.format(columns=CASE_COLUMNS, ids=":case", lock=_LOCK)
    return await _opened(session, affected, statement, {"case": case})


async def ids_of_open(
    session: AsyncSession, affected: Affected, behind: str, limit: int, until: str | None
) -> list[str]:
    """Those cases by id alone: nothing of a row can be wrong with that."""
    asked = _asked(affected, behind, limit, until, None)
    return list(await session.scalars(text(_IDS), asked))


def _asked(
    affected: Affected, behind: str, limit: int, until: str | None, due_from: date | None
) -> dict[str, Any]:
    which = {"rules": list(affected.rules), "area": affected.area, "due_from": due_from}
    return which | {"behind": behind, "limit": limit, "until": until}


async def _opened(
    session: AsyncSession,
    affected: Affected,
    statement: str,
    asked: dict[str, Any],
    failed: list[str] | None = None,
) -> list[OpenCase]:
    cases = (await session.execute(text(statement), asked)).all()
    ids = [row.id for row in cases]
    wanted = {"cases": ids, "rules": list(affected.rules)}
    clocks: dict[str, list[Recorded]] = {one: [] for one in ids}
    for row in (await session.execute(text(_CLOCKS), wanted)).all() if ids else ():
        clocks[row.case_id].append(_recorded(row))
    return readable(cases, lambda row: OpenCase(read_case(row), tuple(clocks[row.id])), failed)


async def move_clocks(session: AsyncSession, outcomes: Sequence[Outcome]) -> None:
    """Write where clocks stand now and what their cases count by, in two statements."""
    clocks = [
        {
            "id": move.before.known.id,
            "due_at": move.clock.due_at,
            "due_on": move.clock.counted.due_on,
            "warn_at": move.clock.warn_at,
            "discuss": move.clock.discuss,
        }
        for one in outcomes
        for move in one.moves
    ]
    cases = [
        {
            "id": one.case.id,
            "calendars": one.case.pins,
            "sequence": one.case.sequence,
            "next_at": one.next_at,
        }
        for one in outcomes
    ]
    await session.execute(_MOVE_CLOCKS, {"rows": as_json(clocks)})
    await session.execute(_MOVE_CASES, {"rows": as_json(cases)})


async def pin_cases(session: AsyncSession, cases: Sequence[Case]) -> None:
    """Write by what each of these cases counts now, in one statement; their rows are locked."""
    rows = [{"id": case.id, "calendars": case.pins} for case in cases]
    await session.execute(_PIN, {"rows": as_json(rows)})


def _recorded(row: Row[Any]) -> Recorded:
    _, clock, rule, state, told, due_at, due_on = tuple(row)
    return Recorded(Known(clock, rule, State(state), told_of(told)), due_at, due_on)
