"""A partner's system as intake meets it: the messages it sends, and the receipts it gets."""

from itertools import count
from typing import Any

from msgspec import json
from sqlalchemy import text

from services.intake.settings import Partner
from shared.events.partners import NOTIFICATION_SUBMITTED
from shared.events.topics import partner_inbound, partner_receipts
from shared.messaging.delivery import Delivery, RawRecord, read_raw
from shared.transaction import Transactions
from tests.intake.builders import FIFE, a_body

PARTNER = Partner(id="fife", organisation="Fife Council", areas=(FIFE,))
INBOUND = partner_inbound(PARTNER.id).name
RECEIPTS = partner_receipts(PARTNER.id).name
_offsets = count(1)


def headers(ce_id: str | bytes | None = "fife-1", **given: bytes | None) -> list[tuple[str, bytes]]:
    """The headers of a partner's message; None takes one away."""
    known: dict[str, bytes | None] = {
        "ce_specversion": b"1.0",
        "ce_id": ce_id.encode() if isinstance(ce_id, str) else ce_id,
        "ce_source": b"https://social-work.fife.example.org",
        "ce_type": NOTIFICATION_SUBMITTED.encode(),
        "content-type": b"application/json",
    }
    return [(name, value) for name, value in (known | given).items() if value is not None]


def sent(
    body: Any = None,
    *,
    key: bytes | None = b"case-778",
    value: bytes | None = None,
    header: list[tuple[str, bytes]] | None = None,
) -> Delivery:
    """One message as Kafka delivers it, each at a place of its own in the log."""
    content = json.encode(a_body() if body is None else body) if value is None else value
    record = RawRecord(INBOUND, 0, next(_offsets), 0, key, header or headers(), content)
    return read_raw(record)


async def receipts(transactions: Transactions) -> list[dict[str, Any]]:
    """What left for the partner, in order, with the key it left under."""
    query = text("SELECT * FROM outbox WHERE topic = :topic ORDER BY position")
    async with transactions.begin() as tx:
        rows = await tx.session.execute(query, {"topic": RECEIPTS})
    return [
        json.decode(row.body)
        | {"type": row.type.removeprefix("scot.scrutiny.notification."), "key": row.key}
        for row in rows
    ]
