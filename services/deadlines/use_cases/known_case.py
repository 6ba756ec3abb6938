"""The case that an event is about, or a question."""

from services.deadlines.domain.case import Case
from services.deadlines.storage.cases import id_of_case, load_case, lock_case
from shared.access.principal import Principal
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


async def readable_case(tx: Transaction, reference: str, reader: Principal) -> Case:
    """The case under a reference, to be read; `NotFound` where it is not the reader's to see."""
    found = await id_of_case(tx.session, reference)
    case = await load_case(tx.session, found) if found else None
    if case is None:
        raise NotFound("There is no such case.")
    reader.require_area(case.area, "case")
    return case
