"""Undo an extension, a pause or a resumption by an act of its own; both stay on record."""

from services.deadlines.domain.acts import Act, What
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.use_cases.acting import Acting, By, acting_on, carry_out
from shared.errors import Conflict, NotFound
from shared.events.deadlines import ActWithdrawn
from shared.transaction import Transaction


async def withdraw_act(tx: Transaction, rulebook: Rulebook, clock: str, wanted: str, by: By) -> Act:
    """The clock counts as if the act had never been."""
    acting = await acting_on(tx, rulebook, clock, by)
    undone = _standing(acting, wanted)
    acting.refuse(())
    act = acting.act(What.WITHDRAWN, about=undone.id)
    event = ActWithdrawn(**acting.about, act=act.id, withdrawn=undone.id, what=undone.what.value)
    await carry_out(tx, rulebook, acting, act, event)
    return act


def _standing(acting: Acting, wanted: str) -> Act:
    found = next((act for act in acting.acts if act.id == wanted), None)
    if found is None or found.obligation != acting.rule.obligation:
        raise NotFound("There is no such act on this clock.")
    if found.what is What.WITHDRAWN:
        raise Conflict("A withdrawal is not withdrawn: do again what it undid.")
    if found not in acting.circle.standing:
        raise Conflict("It was withdrawn already.")
    return found
