"""Drafts: wholly encrypted, and looked for only among their owner's."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.domain.draft import Draft
from services.intake.storage.tables import DraftRow
from shared.confidential.fields import FieldCipher
from shared.errors import NotFound

TABLE: Any = DraftRow.__table__  # pyright: ignore[reportAttributeAccessIssue]


async def insert_draft(session: AsyncSession, ring: FieldCipher, draft: Draft) -> None:
    """Write a new draft."""
    await session.execute(TABLE.insert(), _values(ring, draft))


async def save_draft(session: AsyncSession, ring: FieldCipher, draft: Draft) -> None:
    """Write a locked draft anew."""
    await session.execute(update(TABLE).where(TABLE.c.id == draft.id), _values(ring, draft))


async def delete_draft(session: AsyncSession, draft: Draft) -> None:
    """Remove a draft for good."""
    await session.execute(delete(TABLE).where(TABLE.c.id == draft.id))


async def load_draft(session: AsyncSession, ring: FieldCipher, draft: str, owner: str) -> Draft:
    """The draft, or `NotFound` when there is none of that owner's."""
    return await _one(session, ring, draft, owner, lock=False)


async def lock_draft(session: AsyncSession, ring: FieldCipher, draft: str, owner: str) -> Draft:
    """The same, locked until the transaction ends."""
    return await _one(session, ring, draft, owner, lock=True)


async def list_drafts(
    session: AsyncSession,
    ring: FieldCipher,
    owner: str,
    before: tuple[datetime, str] | None,
    limit: int,
) -> Sequence[Draft]:
    """The owner's drafts, the last saved first, from after the last one of the page before."""
    wanted = select(TABLE).where(TABLE.c.owner == owner)
    if before is not None:
        at, last = before
        older = and_(TABLE.c.saved_at == at, TABLE.c.id < last)
        wanted = wanted.where(or_(TABLE.c.saved_at < at, older))
    newest_first = wanted.order_by(TABLE.c.saved_at.desc(), TABLE.c.id.desc()).limit(limit)
    return [_draft(ring, row) for row in await session.execute(newest_first)]


async def _one(
    session: AsyncSession, ring: FieldCipher, draft: str, owner: str, *, lock: bool
) -> Draft:
    wanted = select(TABLE).where(TABLE.c.id == draft, TABLE.c.owner == owner)
    row = (await session.execute(wanted.with_for_update() if lock else wanted)).first()
    if row is None:
        raise NotFound("There is no such draft.")
    return _draft(ring, row)


def _values(ring: FieldCipher, draft: Draft) -> dict[str, Any]:
    return {
        "id": draft.id,
        "owner": draft.owner,
        "body": ring.encrypt(msgspec.json.encode(draft.notification), _context(draft.id)),
        "version": draft.version,
        "saved_at": draft.saved_at,
    }


def _draft(ring: FieldCipher, row: Any) -> Draft:
    notification = msgspec.json.decode(ring.decrypt(row.body, _context(row.id)))
    return Draft(row.id, row.owner, notification, row.version, row.saved_at)


def _context(draft: str) -> str:
    return f"drafts.body/{draft}"
