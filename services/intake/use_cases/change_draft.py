"""Save a draft anew, as a whole."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.intake.domain.draft import Draft
from services.intake.storage.drafts import lock_draft, save_draft
from shared.confidential.fields import FieldCipher
from shared.transaction import Transaction


async def change_draft(
    tx: Transaction,
    ring: FieldCipher,
    draft: str,
    notification: Mapping[str, Any],
    *,
    owner: str,
    permit: Callable[[int], None],
    now: datetime,
) -> Draft:
    """The changed draft; `permit` raises when the owner meant another version of it."""
    before = await lock_draft(tx.session, ring, draft, owner)
    permit(before.version)
    version = before.version + 1
    changed = replace(before, notification=notification, version=version, saved_at=now)
    await save_draft(tx.session, ring, changed)
    return changed
