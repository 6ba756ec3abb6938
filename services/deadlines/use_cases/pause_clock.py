"""Stop the count for a time, or until it is resumed."""

from datetime import date

from services.deadlines.domain.act_limits import pause_errors, require_number
from services.deadlines.domain.acts import Act, What
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.use_cases.acting import By, acting_on, carry_out
from shared.clock import london_date
from shared.events.deadlines import ClockPaused
from shared.transaction import Transaction


async def pause_clock(
    tx: Transaction, rulebook: Rulebook, clock: str, starts: date | None, ends: date | None, by: By
) -> Act:
    """Local days from `starts` (today by default) do not count, up to and not including `ends`."""
    acting = await acting_on(tx, rulebook, clock, by)
    require_number(acting.rule)
    starts = starts or london_date(by.now)
    acting.refuse(pause_errors(acting.circle, starts, ends))
    act = acting.act(What.PAUSED, starts=starts, ends=ends)
    event = ClockPaused(**acting.about, act=act.id, starts=starts, ends=ends)
    await carry_out(tx, rulebook, acting, act, event)
    return act
