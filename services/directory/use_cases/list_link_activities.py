"""What was recorded for an area, one page after the other."""

from services.directory.domain.link_activity import KeyArea, LinkActivity
from services.directory.storage.link_activities import load_link_activities
from shared.confidential.fields import FieldCipher
from shared.transaction import Transaction


async def list_link_activities(
    tx: Transaction,
    cipher: FieldCipher,
    area: str,
    key_area: KeyArea | None,
    after: str,
    limit: int,
) -> list[LinkActivity]:
    """Entries in the order of recording, from the one behind `after`."""
    return await load_link_activities(tx.session, cipher, area, key_area, after, limit)
