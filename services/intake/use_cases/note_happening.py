"""Write into a case's timeline what another service says happened to it."""

from services.intake.domain.timeline import Happening
from services.intake.storage.happenings import add_happening
from services.intake.storage.notifications import id_of
from shared.errors import NotFound
from shared.transaction import Transaction


async def note_happening(tx: Transaction, reference: str, happening: Happening) -> None:
    """One line; raises `NotFound` for a case that intake does not know, to be parked and seen."""
    notification = await id_of(tx.session, reference)
    if notification is None:
        raise NotFound("An event speaks of a notification that intake does not have.")
    await add_happening(tx.session, notification, happening)
