"""Acts, from and to their rows."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.deadlines.domain.acts import Act, What
from services.deadlines.storage.act_tables import ActRow

_FIELDS = (
    "id", "obligation", "reason", "recorded_at", "recorded_by", "agreed_by", "amount", "starts",
    "ends", "about",
)  # fmt: skip


async def add_act(session: AsyncSession, case_id: str, act: Act) -> None:
    """Write an act; the row of its case is locked."""
    values = {name: getattr(act, name) for name in _FIELDS}
    session.add(ActRow(case_id=case_id, clock_id=act.clock, what=act.what.value, **values))
    await session.flush()


async def acts_on(session: AsyncSession, case_id: str) -> list[Act]:
    """Every act on the clocks of a case, as they were recorded."""
    wanted = select(ActRow).where(col(ActRow.case_id) == case_id)
    rows = await session.scalars(wanted.order_by(col(ActRow.recorded_at), col(ActRow.id)))
    return [_act(row) for row in rows]


def _act(row: ActRow) -> Act:
    values = {name: getattr(row, name) for name in _FIELDS}
    return Act(clock=row.clock_id, what=What(row.what), **values)
