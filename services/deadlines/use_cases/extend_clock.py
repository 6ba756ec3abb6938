"""Give an obligation more time."""

from services.deadlines.domain.act_limits import extension_errors, require_number
from services.deadlines.domain.acts import Act, What
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.use_cases.acting import By, acting_on, carry_out
from shared.errors import FieldError, Invalid
from shared.events.deadlines import ClockExtended
from shared.transaction import Transaction


async def extend_clock(tx: Transaction, rulebook: Rulebook, clock: str, amount: int, by: By) -> Act:
    """So many units of the rule's own kind more, within its limits for who acts alone."""
    acting = await acting_on(tx, rulebook, clock, by)
    require_number(acting.rule)
    acting.refuse(extension_errors(acting.circle, amount))
    if by.agreed_by is None:
        raise Invalid(FieldError("agreed_by", "must name the role that agreed to more time"))
    act = acting.act(What.EXTENDED, amount=amount)
    unit = acting.rule.unit.value
    event = ClockExtended(**acting.about, act=act.id, amount=amount, unit=unit)
    await carry_out(tx, rulebook, acting, act, event)
    return act
