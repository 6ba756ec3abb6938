"""Organisations of a kind or an area, one page after the other."""

from services.directory.domain.organisation import Organisation, OrganisationKind
from services.directory.storage.organisations import load_organisations
from shared.transaction import Transaction


async def list_organisations(
    tx: Transaction, *, kind: OrganisationKind | None, area: str | None, after: str, limit: int
) -> list[Organisation]:
    """Organisations in the order of their codes, from the one behind `after`."""
    return await load_organisations(tx.session, kind=kind, area=area, after=after, limit=limit)
