"""Cases, from and to their rows."""

from datetime import datetime, timedelta

import msgspec
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.deadlines.domain.calendar import Pin
from services.deadlines.domain.case import Case
from services.deadlines.domain.facts import Facts
from services.deadlines.storage.tables import CaseRow


async def add_case(session: AsyncSession, case: Case) -> None:
    """Write a new case; this transaction holds its row from now on."""
    session.add(
        CaseRow(
            id=case.id,
            reference=case.reference,
            kind=case.kind,
            area=case.area,
            rule_set=case.rule_set,
            facts=msgspec.to_builtins(case.facts),
            sequence=case.sequence,
            begun_at=case.begun_at,
            traceparent=case.traceparent,
            calendars=msgspec.to_builtins(case.pins),
            received_at=case.facts.received_at,
        )
    )
    await session.flush()


async def lock_case(session: AsyncSession, case_id: str) -> Case | None:
    """The case with its row locked, or None."""
    row = await session.get(CaseRow, case_id, with_for_update=True)
    return case_of(row) if row else None


async def load_case(session: AsyncSession, case_id: str) -> Case | None:
    """The case as it stands, or None."""
    row = await session.get(CaseRow, case_id)
    return case_of(row) if row else None


async def claim_due_cases(session: AsyncSession, now: datetime, limit: int) -> list[Case]:
    """Lock the cases whose time has come, the longest waiting first.

    Those another sweeper holds are passed over: it is acting on them now.
    """
    due = select(CaseRow).where(col(CaseRow.next_act_at) <= now)
    first = due.order_by(col(CaseRow.next_act_at)).limit(limit)
    rows = await session.scalars(first.with_for_update(skip_locked=True))
    return [case_of(row) for row in rows]


async def save_case(session: AsyncSession, case: Case, next_act_at: datetime | None) -> None:
    """Write what may change of a case whose row is locked."""
    facts = msgspec.to_builtins(case.facts)
    await _change(
        session,
        case,
        facts=facts,
        sequence=case.sequence,
        next_act_at=next_act_at,
        calendars=msgspec.to_builtins(case.pins),
        received_at=case.facts.received_at,
    )


async def save_sequence(session: AsyncSession, case: Case) -> None:
    """Write that one more event was published; the row of the case is locked."""
    await _change(session, case, sequence=case.sequence)


async def put_off(session: AsyncSession, case: Case, until: datetime) -> None:
    """Look at a case again later, because now it cannot be counted; others go on meanwhile."""
    await _change(session, case, next_act_at=until)


async def _change(session: AsyncSession, case: Case, **values: object) -> None:
    changed = update(CaseRow).where(col(CaseRow.id) == case.id).values(values)
    await session.execute(changed, execution_options={"synchronize_session": False})


async def waiting_since(session: AsyncSession, now: datetime) -> tuple[int, timedelta]:
    """How many cases the sweeper has yet to act on, and how long the first has waited."""
    waiting = select(func.count(), func.min(col(CaseRow.next_act_at))).where(
        col(CaseRow.next_act_at) <= now
    )
    count, first = (await session.execute(waiting)).one()
    return count, now - first if first else timedelta()


def case_of(row: CaseRow) -> Case:
    """The case that a row holds."""
    return Case(
        id=row.id,
        reference=row.reference,
        kind=row.kind,
        area=row.area,
        rule_set=row.rule_set,
        facts=msgspec.convert(row.facts, Facts),
        begun_at=row.begun_at,
        sequence=row.sequence,
        traceparent=row.traceparent,
        pins={rule: Pin(*pin) for rule, pin in row.calendars.items()},
    )
