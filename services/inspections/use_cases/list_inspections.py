"""Joint inspections of a theme, an area, a state or a period, one page after the other."""

from services.inspections.domain.inspection import Inspection
from services.inspections.storage.inspections import Which, load_inspections
from shared.transaction import Transaction


async def list_inspections(
    tx: Transaction, which: Which, after: str, limit: int
) -> list[Inspection]:
    """Inspections in the order in which they were planned, from the one behind `after`."""
    return await load_inspections(tx.session, which, after, limit)
