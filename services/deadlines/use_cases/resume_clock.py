"""End a pause."""

from datetime import date

from services.deadlines.domain.act_limits import resumption_errors
from services.deadlines.domain.acts import Act, What
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.use_cases.acting import Acting, By, acting_on, carry_out
from shared.clock import london_date
from shared.errors import Conflict, NotFound
from shared.events.deadlines import ClockResumed
from shared.transaction import Transaction


async def resume_clock(
    tx: Transaction, rulebook: Rulebook, clock: str, pause: str, ends: date | None, by: By
) -> Act:
    """`ends` (today by default) is the first local day that counts again."""
    acting = await acting_on(tx, rulebook, clock, by)
    ends = ends or london_date(by.now)
    paused = _paused(acting, pause)
    if paused.ends is not None and ends >= paused.ends:
        raise Conflict("The pause ends by itself before that day.")
    acting.refuse(resumption_errors(acting.circle, paused, ends))
    act = acting.act(What.RESUMED, ends=ends, about=pause)
    event = ClockResumed(**acting.about, act=act.id, pause=pause, ends=ends)
    await carry_out(tx, rulebook, acting, act, event)
    return act


def _paused(acting: Acting, pause: str) -> Act:
    standing = acting.circle.standing
    paused = next((act for act in standing if act.id == pause and act.what is What.PAUSED), None)
    if paused is None:
        raise NotFound("There is no such pause of this clock.")
    if any(act.about == pause for act in standing if act.what is What.RESUMED):
        raise Conflict("The pause was ended already; withdraw that first.")
    return paused
