"""Cases whose time has come: taken, saved, or set aside when nothing can be done with one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.deadlines.domain.case import Case
from services.deadlines.storage.cases import CASE_COLUMNS, read_case
from services.deadlines.storage.tables import CaseRow

_CLAIM = f"""
    SELECT {CASE_COLUMNS}, CASE WHEN stuck_since IS NULL THEN next_act_at END AS woken_at
    FROM cases WHERE next_act_at <= :now AND {{which}}
    ORDER BY next_act_at LIMIT :limit FOR UPDATE SKIP LOCKED
"""  # noqa: S608 - written above
_ANY, _ONE = text(_CLAIM.format(which="true")), text(_CLAIM.format(which="id = :case"))
_IDS = text("SELECT id FROM cases WHERE next_act_at <= :now ORDER BY next_act_at LIMIT :limit")
_SAVE = text(
    """UPDATE cases SET sequence = given.sequence, next_act_at = given.next_act_at
       FROM unnest(
           CAST(:ids AS text[]), CAST(:sequences AS bigint[]), CAST(:next_act_at AS timestamptz[])
       ) AS given(id, sequence, next_act_at)
       WHERE cases.id = given.id"""
)
_SET_ASIDE = text(
    """UPDATE cases SET next_act_at = :until, stuck_why = :why,
                        stuck_since = coalesce(stuck_since, :now)
       WHERE id = :case"""
)


class Due(NamedTuple):
    """A locked case; `woken_at` is the instant it waited for, None where the last look failed."""

    case: Case
    woken_at: datetime | None


async def claim_due_cases(
    session: AsyncSession, now: datetime, limit: int, only: str | None = None
) -> list[Due]:
    """Lock the cases whose time has come, the longest waiting first; or one of them alone.

    Those another sweeper holds are passed over: it is acting on them now.
    """
    asked = {"now": now, "limit": limit} | ({"case": only} if only else {})
    rows = await session.execute(_ONE if only else _ANY, asked)
    return [Due(read_case(row), row.woken_at) for row in rows]


async def ids_of_due(session: AsyncSession, now: datetime, limit: int) -> list[str]:
    """The cases whose time has come, by id alone: nothing of a row can be wrong with that."""
    return list(await session.scalars(_IDS, {"now": now, "limit": limit}))


async def save_woken(session: AsyncSession, cases: Sequence[tuple[Case, datetime | None]]) -> None:
    """Write how far locked cases have come in which nothing but time has passed."""
    given = {
        "ids": [case.id for case, _ in cases],
        "sequences": [case.sequence for case, _ in cases],
        "next_act_at": [at for _, at in cases],
    }
    await session.execute(_SAVE, given)


async def set_aside(
    session: AsyncSession, case: str, why: str, now: datetime, until: datetime
) -> None:
    """Look at a case again later, because now nothing can be done with it; others go on."""
    await session.execute(_SET_ASIDE, {"case": case, "why": why, "now": now, "until": until})


async def waiting_since(session: AsyncSession, now: datetime) -> tuple[int, timedelta]:
    """How many cases the sweeper has yet to act on, and how long the first has waited."""
    waiting = select(func.count(), func.min(col(CaseRow.next_act_at))).where(
        col(CaseRow.next_act_at) <= now
    )
    count, first = (await session.execute(waiting)).one()
    return count, now - first if first else timedelta()


async def count_stuck(session: AsyncSession) -> int:
    """How many cases are set aside."""
    stuck = select(func.count()).where(col(CaseRow.stuck_since).is_not(None))
    return (await session.execute(stuck)).scalar_one()
