"""Write into cases' timelines what another service says happened to them."""

from collections.abc import Sequence

from services.intake.domain.timeline import Happening
from services.intake.storage.happenings import add_happenings
from shared.errors import NotFound
from shared.transaction import Transaction


async def note_happenings(tx: Transaction, told: Sequence[tuple[str, Happening]]) -> None:
    """A line for each reference, in order; raises `NotFound` if intake does not know one of them.

    Which one it is shows when they are told one by one: that one is parked and seen.
    """
    if await add_happenings(tx.session, told) < len(told):
        raise NotFound("An event speaks of a notification that intake does not have.")
