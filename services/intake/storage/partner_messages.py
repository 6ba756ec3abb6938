"""What a partner's messages were answered, so that the same message gets the same answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.storage.tables import PartnerMessageRow
from shared.confidential.fields import FieldCipher
from shared.events.partners import NotificationAccepted, NotificationRefused

TABLE: Any = PartnerMessageRow.__table__  # pyright: ignore[reportAttributeAccessIssue]
RECEIPTS = {"accepted": NotificationAccepted, "refused": NotificationRefused}


@dataclass(frozen=True, slots=True)
class Answered:
    """One message and its receipt; `record` holds the original bytes of a refused one."""

    partner: str
    message_id: str
    digest: bytes
    receipt: NotificationAccepted | NotificationRefused
    record: bytes | None = None


async def find_answer(session: AsyncSession, partner: str, message_id: str) -> Answered | None:
    """What this message was answered before."""
    wanted = select(TABLE).where(TABLE.c.partner == partner, TABLE.c.message_id == message_id)
    row = (await session.execute(wanted)).first()
    if row is None:
        return None
    receipt = msgspec.json.decode(row.receipt, type=RECEIPTS[row.outcome])
    return Answered(partner, message_id, row.digest, receipt)


async def keep_answer(
    session: AsyncSession, ring: FieldCipher, answered: Answered, now: datetime
) -> None:
    """Remember the answer; two deliveries of one message at once wait for each other here."""
    outcome = "accepted" if isinstance(answered.receipt, NotificationAccepted) else "refused"
    record = answered.record
    values = {
        "partner": answered.partner,
        "message_id": answered.message_id,
        "digest": answered.digest,
        "outcome": outcome,
        "receipt": msgspec.json.encode(answered.receipt),
        "record": None if record is None else ring.encrypt(record, _context(answered)),
        "received_at": now,
    }
    await session.execute(TABLE.insert(), values)


def _context(answered: Answered) -> str:
    return f"partner_messages.record/{answered.partner}/{answered.message_id}"
