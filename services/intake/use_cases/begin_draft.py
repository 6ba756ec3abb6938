"""Save what somebody has of a notification so far, to be resumed later."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from services.intake.domain.draft import Draft
from services.intake.storage.drafts import insert_draft
from shared.confidential.fields import FieldCipher
from shared.transaction import Transaction


async def begin_draft(
    tx: Transaction, ring: FieldCipher, notification: Mapping[str, Any], owner: str, now: datetime
) -> Draft:
    """The draft, which exists for its owner alone and is told to nobody."""
    draft = Draft(str(uuid4()), owner, notification, version=1, saved_at=now)
    await insert_draft(tx.session, ring, draft)
    return draft
