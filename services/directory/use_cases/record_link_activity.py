"""Record what a link inspector did for an area."""

from datetime import date, datetime

from uuid_utils import uuid7

from services.directory.domain.link_activity import LinkActivity, check_activity
from services.directory.storage.areas import load_area
from services.directory.storage.link_activities import add_link_activity
from shared.audit import record
from shared.clock import london_date
from shared.confidential.fields import FieldCipher
from shared.transaction import Transaction


async def record_link_activity(
    tx: Transaction,
    cipher: FieldCipher,
    *,
    area: str,
    key_area: str,
    happened_on: date,
    text: str,
    actor: str,
    now: datetime,
) -> LinkActivity:
    """The entry as kept; its text stays out of the audit trail."""
    known = await load_area(tx.session, area)
    meant = check_activity(
        area_known=known is not None,
        key_area=key_area,
        happened_on=happened_on,
        text=text,
        today=london_date(now),
    )
    activity = LinkActivity(str(uuid7()), area, meant, happened_on, text.strip(), actor, now)
    await add_link_activity(tx.session, cipher, activity)
    await record(tx, actor=actor, act="link activity recorded", subject=activity.id, now=now)
    return activity
