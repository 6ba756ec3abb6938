"""A review was ratified: what counts from then begins."""

from dataclasses import replace
from datetime import datetime

from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.use_cases.bring_up_to_date import bring_up_to_date
from services.deadlines.use_cases.known_case import known_case
from shared.transaction import Transaction


async def ratify_review(
    tx: Transaction, rulebook: Rulebook, case_id: str, ratified_at: datetime, now: datetime
) -> None:
    """Add it to the facts of the case; a correction alone changes it again."""
    case = await known_case(tx, case_id)
    if case.facts.ratified_at is None:
        case = case.knowing(replace(case.facts, ratified_at=ratified_at))
        await bring_up_to_date(tx, rulebook, case, now)
