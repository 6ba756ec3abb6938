"""Tell what has changed about the clocks of cases, once; their rows are locked."""

from datetime import datetime

from services.deadlines.domain.case import Case
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.use_cases.telling import Telling
from shared.transaction import Transaction


async def bring_up_to_date(tx: Transaction, rulebook: Rulebook, case: Case, now: datetime) -> Case:
    """Publish every change of the clocks since they were last told; answers the case after it."""
    return (await bring_all_up_to_date(tx, rulebook, [case], now))[0]


async def bring_all_up_to_date(
    tx: Transaction, rulebook: Rulebook, cases: list[Case], now: datetime
) -> list[Case]:
    """The same for many cases, in a statement a table however many they are."""
    telling = await Telling.begin(tx, rulebook, cases, now)
    done = [await telling.tell(case) for case in cases]
    await telling.write()
    return done
