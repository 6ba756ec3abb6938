"""Emergency regimes, from and to their rows, and the cases they may concern."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.deadlines.domain.case import Case
from services.deadlines.domain.facts import Extension, Regime
from services.deadlines.domain.local_time import midnight
from services.deadlines.domain.regime_scope import Declared
from services.deadlines.storage.act_tables import RegimeRow
from services.deadlines.storage.cases import case_of, readable
from services.deadlines.storage.tables import CaseRow, ClockRow


@dataclass(frozen=True, slots=True)
class RegimeRecord:
    """A regime as it was declared, by whom and why; `version` is its entity tag."""

    declared: Declared
    reason: str
    agreed_by: str
    declared_at: datetime
    declared_by: str
    version: int = 1
    withdrawn_at: datetime | None = None
    number: int = 0


async def add_regime(session: AsyncSession, made: RegimeRecord) -> None:
    """Write a regime that was declared now."""
    regime = made.declared.regime
    session.add(
        RegimeRow(
            id=regime.id,
            name=regime.name,
            kinds=list(made.declared.kinds),
            areas=list(made.declared.areas),
            starts=regime.starts,
            ends=regime.ends,
            amounts={one.obligation: one.amount for one in regime.amounts},
            reason=made.reason,
            agreed_by=made.agreed_by,
            declared_at=made.declared_at,
            declared_by=made.declared_by,
            version=made.version,
        )
    )
    await session.flush()


async def lock_regime(session: AsyncSession, regime: str) -> RegimeRow | None:
    """The row of one regime, held until the transaction ends."""
    return await session.get(RegimeRow, regime, with_for_update=True)


async def regime_row(session: AsyncSession, regime: str) -> RegimeRow | None:
    """The row of one regime as it stands, or None."""
    return await session.get(RegimeRow, regime)


async def find_regime(session: AsyncSession, regime: str) -> RegimeRecord | None:
    """One regime, or None."""
    row = await regime_row(session, regime)
    return record_of(row) if row else None


async def get_regime(session: AsyncSession, regime: str) -> RegimeRecord:
    """One that there is."""
    return record_of(await session.get_one(RegimeRow, regime))


async def list_regimes(session: AsyncSession, after: int, limit: int) -> list[RegimeRecord]:
    """All regimes as they were declared, withdrawn ones too."""
    wanted = select(RegimeRow).where(col(RegimeRow.number) > after)
    rows = await session.scalars(wanted.order_by(col(RegimeRow.number)).limit(limit))
    return [record_of(row) for row in rows]


async def standing_regimes(session: AsyncSession) -> list[Declared]:
    """Those that nobody has withdrawn."""
    rows = await session.scalars(select(RegimeRow).where(col(RegimeRow.withdrawn_at).is_(None)))
    return [record_of(row).declared for row in rows]


async def concerned_cases(
    session: AsyncSession,
    declared: Declared,
    behind: str,
    limit: int,
    *,
    lock: bool,
    failed: list[str] | None = None,
) -> list[Case]:
    """Cases, by id, that a regime covers and in which something ran on or after its first day.

    Also those that have heard of it before: for them it may be over now. `failed` takes the ids
    of those that cannot be read.
    """
    wanted = select(CaseRow).where(*_concerned(declared, behind))
    wanted = wanted.order_by(col(CaseRow.id)).limit(limit)
    if lock:
        # The weaker lock: rows that only point at the case need not wait for it.
        wanted = wanted.with_for_update(key_share=True)
    rows = await session.scalars(wanted, execution_options={"populate_existing": True})
    return readable(rows, case_of, failed)


async def ids_of_concerned(
    session: AsyncSession, declared: Declared, behind: str, limit: int
) -> list[str]:
    """The same by id alone: nothing of a row can be wrong with that."""
    wanted = select(col(CaseRow.id)).where(*_concerned(declared, behind))
    return list(await session.scalars(wanted.order_by(col(CaseRow.id)).limit(limit)))


async def count_concerned(session: AsyncSession, declared: Declared) -> int:
    """How many there are of them in all."""
    concerned = select(func.count()).select_from(CaseRow).where(*_concerned(declared, ""))
    return (await session.execute(concerned)).scalar_one()


def record_of(row: RegimeRow) -> RegimeRecord:
    """The regime that a row holds."""
    amounts = tuple(Extension(name, amount) for name, amount in sorted(row.amounts.items()))
    regime = Regime(row.id, row.name, row.starts, row.ends, amounts)
    return RegimeRecord(
        declared=Declared(regime, tuple(row.kinds), tuple(row.areas)),
        reason=row.reason,
        agreed_by=row.agreed_by,
        declared_at=row.declared_at,
        declared_by=row.declared_by,
        version=row.version,
        withdrawn_at=row.withdrawn_at,
        number=row.number or 0,
    )


def _concerned(declared: Declared, behind: str) -> tuple[ColumnElement[bool], ...]:
    return col(CaseRow.id) > behind, or_(_covered(declared), _knows(declared.regime))


def _covered(declared: Declared) -> ColumnElement[bool]:
    return and_(
        *_among(col(CaseRow.kind), declared.kinds),
        *_among(col(CaseRow.area), declared.areas),
        _ran_since(declared.regime.starts),
    )


def _among(column: Any, names: Iterable[str]) -> list[ColumnElement[bool]]:
    given = list(names)
    return [column.in_(given)] if given else []


def _ran_since(day: date) -> ColumnElement[bool]:
    completed = col(ClockRow.completed_at)
    of_case = col(ClockRow.case_id) == col(CaseRow.id)
    return exists().where(of_case, or_(completed.is_(None), completed >= midnight(day)))


def _knows(regime: Regime) -> ColumnElement[bool]:
    held: Any = col(CaseRow.facts)["regimes"]
    return held.op("@>")(literal([{"id": regime.id}], JSONB))
