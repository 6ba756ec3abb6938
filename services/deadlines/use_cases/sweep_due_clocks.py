"""Time has passed: tell of clocks that are due soon or overdue."""

from datetime import datetime, timedelta
from typing import Any

import structlog

from services.deadlines.domain.case import Case
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.storage.cases import claim_due_cases, put_off
from services.deadlines.use_cases.telling import Telling
from shared.telemetry import AREA, KIND, REFERENCE, attached, span
from shared.transaction import Transaction

# A case that cannot be counted (its rules are not in this version, say) must not stop the others.
TRY_AGAIN = timedelta(minutes=5)

log = structlog.get_logger()


async def sweep_due_clocks(tx: Transaction, rulebook: Rulebook, now: datetime, limit: int) -> int:
    """Bring up to `limit` cases up to date whose time has come; answers how many there were.

    Several sweepers share the work: each locks what it takes and passes over what others hold.
    """
    due = await claim_due_cases(tx.session, now, limit)
    if due:
        telling = await Telling.begin(tx, rulebook, due, now)
        for case in due:
            told: dict[str, Any] = {REFERENCE: case.reference, AREA: case.area, KIND: case.kind}
            with attached(case.traceparent), span("sweep", **told):
                await _act(telling, case, now)
        await telling.write()
    return len(due)


async def _act(telling: Telling, case: Case, now: datetime) -> None:
    try:
        steps = telling.steps(case)
    except Exception as error:
        log.exception("sweep.put-off", reference=case.reference, error=type(error).__name__)
        await put_off(telling.tx.session, case, now + TRY_AGAIN)
    else:
        await telling.tell(case, steps)
