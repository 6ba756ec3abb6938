"""Send a draft as the notification it has become."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from services.intake.domain.case import Case
from services.intake.domain.notification import Submission
from services.intake.storage.drafts import delete_draft, lock_draft
from services.intake.use_cases.receive_notification import Sender, receive_notification
from shared.confidential.fields import FieldCipher
from shared.transaction import Transaction


async def submit_draft(
    tx: Transaction,
    ring: FieldCipher,
    draft: str,
    read: Callable[[Mapping[str, Any]], Submission],
    sender: Sender,
    now: datetime,
) -> Case:
    """The accepted case, and the draft is gone with the same commit; one refused stays as it is.

    `read` raises `Invalid` when what was saved has not the shape of a notification yet.
    """
    found = await lock_draft(tx.session, ring, draft, sender.name)
    case = await receive_notification(tx, ring, read(found.notification), sender, now)
    await delete_draft(tx.session, found)
    return case
