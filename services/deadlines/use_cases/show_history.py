"""What was done to a clock, and what every recomputation changed."""

from dataclasses import dataclass

from services.deadlines.domain.acts import Act
from services.deadlines.storage.acts import acts_on
from services.deadlines.storage.clocks import Listed, find_clock
from services.deadlines.storage.said import Said, said_of
from services.deadlines.storage.turns import Turned, history
from shared.access.principal import Principal
from shared.errors import NotFound
from shared.transaction import Transaction


@dataclass(frozen=True, slots=True)
class History:
    """One clock's lines, what was said for each that is no act, and all acts on its case."""

    turns: list[Turned]
    said: list[Said | None]
    acts: list[Act]


async def show_history(tx: Transaction, clock: str, reader: Principal) -> History:
    """Oldest first; raises `NotFound` for an area that is not the reader's."""
    listed = await _found(tx, clock, reader)
    turns = await history(tx.session, clock)
    said = await said_of(tx.session, listed.case.reference, turns)
    return History(turns, said, await acts_on(tx.session, listed.case.id))


async def _found(tx: Transaction, clock: str, reader: Principal) -> Listed:
    listed = await find_clock(tx.session, clock)
    if listed is None:
        raise NotFound("There is no such clock.")
    reader.require_area(listed.case.area, "clock")
    return listed
