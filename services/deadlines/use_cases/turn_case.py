"""A case was withdrawn, closed or reopened: all its clocks end, or go on."""

from datetime import datetime

from services.deadlines.domain.facts import Turn
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.use_cases.bring_up_to_date import bring_up_to_date
from services.deadlines.use_cases.known_case import known_case
from shared.transaction import Transaction


async def turn_case(
    tx: Transaction, rulebook: Rulebook, case_id: str, turn: Turn, now: datetime
) -> None:
    """Add it to the facts of the case; what was met before stays met."""
    case = await known_case(tx, case_id)
    await bring_up_to_date(tx, rulebook, case.knowing(case.facts.with_turn(turn)), now)
