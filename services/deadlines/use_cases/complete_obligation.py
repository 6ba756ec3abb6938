"""A report was submitted: the obligation of its stage is met."""

from datetime import datetime

from services.deadlines.domain.facts import Completion
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.use_cases.bring_up_to_date import bring_up_to_date
from services.deadlines.use_cases.known_case import known_case
from shared.transaction import Transaction


async def complete_obligation(
    tx: Transaction, rulebook: Rulebook, case_id: str, completion: Completion, now: datetime
) -> None:
    """Add it to the facts of the case; of several, the earliest counts."""
    case = await known_case(tx, case_id)
    if completion in case.facts.completions:
        return
    case = case.knowing(case.facts.with_completion(completion))
    await bring_up_to_date(tx, rulebook, case, now)
