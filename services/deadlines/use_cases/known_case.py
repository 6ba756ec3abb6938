"""The case an event is about."""

from services.deadlines.domain.case import Case
from services.deadlines.storage.cases import lock_case
from shared.errors import NotFound
from shared.transaction import Transaction


async def known_case(tx: Transaction, case_id: str) -> Case:
    """The case with its row locked.

    Events of one notification arrive in order: one about a case never heard of means that its
    first event was lost or given up, so it is refused, parked, and seen by an operator.
    """
    case = await lock_case(tx.session, case_id)
    if case is None:
        raise NotFound("No case has begun for this notification.")
    return case
