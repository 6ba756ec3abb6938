"""A date of the past was wrong: everything that counted from it is counted again."""

from dataclasses import replace
from datetime import datetime

from services.deadlines.domain.facts import Decision, Facts
from services.deadlines.domain.moves import Cause
from services.deadlines.domain.regime_scope import under
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.storage.regimes import standing_regimes
from services.deadlines.use_cases.known_case import known_case
from services.deadlines.use_cases.recompute import recompute
from shared.errors import FieldError, Invalid
from shared.events.intake import DateCorrected
from shared.transaction import Transaction

DECIDED = "decided_at"
_PLAIN = ("occurred_at", "aware_at", "ratified_at")


async def correct_date(
    tx: Transaction, rulebook: Rulebook, case_id: str, event: DateCorrected, now: datetime
) -> None:
    """Replay the case with the date put right; before and after of every clock are kept."""
    case = await known_case(tx, case_id)
    facts = _corrected(case.facts, event)
    after = under(case.knowing(facts), await standing_regimes(tx.session))
    said = {
        "field": event.field,
        "before": event.before.isoformat() if event.before else None,
        "after": event.after.isoformat(),
    }
    await recompute(tx, rulebook, (case, after), Cause("date-corrected", facts=said), now)


def _corrected(facts: Facts, event: DateCorrected) -> Facts:
    if event.field in _PLAIN:
        return replace(facts, **{event.field: event.after})
    if event.field == DECIDED:
        return replace(facts, decisions=_redated(facts.decisions, event))
    raise Invalid(FieldError("field", f"must be one of: {', '.join((*_PLAIN, DECIDED))}"))


def _redated(decisions: tuple[Decision, ...], event: DateCorrected) -> tuple[Decision, ...]:
    """The decision that was dated so; of several, the one recorded first."""
    found = next((one for one in decisions if one.at == event.before), None)
    if found is None:
        raise Invalid(FieldError("before", "must be when a decision of this case was made"))
    place = decisions.index(found)
    moved = Decision(found.decision, event.after)
    return (*decisions[:place], moved, *decisions[place + 1 :])
