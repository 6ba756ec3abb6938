"""All council areas, one page after the other."""

from services.directory.domain.area import Area
from services.directory.storage.areas import load_areas
from shared.transaction import Transaction


async def list_areas(tx: Transaction, after: str, limit: int) -> list[Area]:
    """Areas in the order of their codes, from the one behind `after`."""
    return await load_areas(tx.session, after, limit)
