"""Link activities, from and to their rows."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.directory.domain.link_activity import KeyArea, LinkActivity
from services.directory.storage.tables import LinkActivityRow
from shared.confidential.fields import FieldCipher


async def add_link_activity(
    session: AsyncSession, cipher: FieldCipher, activity: LinkActivity
) -> None:
    """Write a new entry, its text encrypted."""
    session.add(
        LinkActivityRow(
            id=activity.id,
            area=activity.area,
            key_area=activity.key_area.value,
            happened_on=activity.happened_on,
            text=cipher.encrypt(activity.text, _context(activity.id)),
            recorded_by=activity.recorded_by,
            recorded_at=activity.recorded_at,
        )
    )
    await session.flush()


async def load_link_activities(
    session: AsyncSession,
    cipher: FieldCipher,
    area: str,
    key_area: KeyArea | None = None,
    after: str = "",
    limit: int | None = None,
) -> list[LinkActivity]:
    """What was recorded for an area, in the order of recording, from the entry behind `after`."""
    statement = select(LinkActivityRow).where(
        col(LinkActivityRow.area) == area, col(LinkActivityRow.id) > after
    )
    if key_area is not None:
        statement = statement.where(col(LinkActivityRow.key_area) == key_area.value)
    rows = await session.scalars(statement.order_by(col(LinkActivityRow.id)).limit(limit))
    return [_activity(row, cipher) for row in rows]


def _activity(row: LinkActivityRow, cipher: FieldCipher) -> LinkActivity:
    return LinkActivity(
        id=row.id,
        area=row.area,
        key_area=KeyArea(row.key_area),
        happened_on=row.happened_on,
        text=cipher.decrypt(row.text, _context(row.id)).decode(),
        recorded_by=row.recorded_by,
        recorded_at=row.recorded_at,
    )


def _context(activity_id: str) -> str:
    return f"link_activities.text/{activity_id}"
