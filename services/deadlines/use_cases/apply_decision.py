"""It was decided whether a learning review is undertaken: clocks end, start or go on."""

from datetime import datetime

from services.deadlines.domain.facts import DECISIONS, Decision
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.use_cases.bring_up_to_date import bring_up_to_date
from services.deadlines.use_cases.known_case import known_case
from shared.errors import FieldError, Invalid
from shared.transaction import Transaction


async def apply_decision(
    tx: Transaction, rulebook: Rulebook, case_id: str, decision: Decision, now: datetime
) -> None:
    """Add it to the facts of the case; the latest decision holds."""
    if decision.decision not in DECISIONS:
        raise Invalid(FieldError("decision", f"must be one of: {', '.join(DECISIONS)}"))
    case = await known_case(tx, case_id)
    case = case.knowing(case.facts.with_decision(decision))
    await bring_up_to_date(tx, rulebook, case, now)
