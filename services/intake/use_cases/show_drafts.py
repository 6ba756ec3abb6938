"""Read one's own drafts; nobody else's exist."""

from collections.abc import Sequence
from datetime import datetime

from services.intake.domain.draft import Draft
from services.intake.storage.drafts import list_drafts, load_draft
from shared.confidential.fields import FieldCipher
from shared.transaction import Transaction


async def show_draft(tx: Transaction, ring: FieldCipher, draft: str, owner: str) -> Draft:
    """One of the owner's, or `NotFound`."""
    return await load_draft(tx.session, ring, draft, owner)


async def show_drafts(
    tx: Transaction,
    ring: FieldCipher,
    owner: str,
    before: tuple[datetime, str] | None,
    limit: int,
) -> Sequence[Draft]:
    """All of the owner's, the last saved first."""
    return await list_drafts(tx.session, ring, owner, before, limit)
