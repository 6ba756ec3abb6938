"""Throw a draft away."""

from collections.abc import Callable

from services.intake.storage.drafts import delete_draft, lock_draft
from shared.confidential.fields import FieldCipher
from shared.transaction import Transaction


async def discard_draft(
    tx: Transaction, ring: FieldCipher, draft: str, *, owner: str, permit: Callable[[int], None]
) -> None:
    """Nothing of it is kept; `permit` raises when the owner meant another version of it."""
    found = await lock_draft(tx.session, ring, draft, owner)
    permit(found.version)
    await delete_draft(tx.session, found)
