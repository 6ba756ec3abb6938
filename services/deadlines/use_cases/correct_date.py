"""A date of the past was wrong: everything that counted from it is counted again."""

from datetime import datetime

from services.deadlines.domain.corrections import corrected
from services.deadlines.domain.moves import Cause
from services.deadlines.domain.regime_scope import under
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.storage.regimes import standing_regimes
from services.deadlines.use_cases.known_case import known_case
from services.deadlines.use_cases.recompute import recompute
from shared.events.intake import DateCorrected
from shared.transaction import Transaction


async def correct_date(
    tx: Transaction, rulebook: Rulebook, case_id: str, event: DateCorrected, now: datetime
) -> None:
    """Replay the case with the date put right; before and after of every clock are kept."""
    case = await known_case(tx, case_id)
    facts = corrected(case.facts, event.field, event.before, event.after)
    after = under(case.knowing(facts), await standing_regimes(tx.session))
    said = {
        "field": event.field,
        "before": event.before.isoformat() if event.before else None,
        "after": event.after.isoformat(),
    }
    await recompute(tx, rulebook, (case, after), Cause("date-corrected", facts=said), now)
