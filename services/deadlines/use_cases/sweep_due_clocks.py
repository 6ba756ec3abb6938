"""Time has passed: tell of clocks that are due soon or overdue."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta
from typing import Any

import structlog

from services.deadlines.domain.case import Case
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.storage.due_cases import Due, claim_due_cases, set_aside
from services.deadlines.use_cases.telling import Telling
from shared.telemetry import AREA, COUNT, KIND, REFERENCE, attached, current_traceparent, span
from shared.transaction import Transaction

# A case that nothing can be done with (its rules are not in this version, say) must not stop the
# others: it is looked at again so much later.
TRY_AGAIN = timedelta(minutes=5)

log = structlog.get_logger()


async def sweep_due_clocks(
    tx: Transaction, rulebook: Rulebook, now: datetime, limit: int, only: str | None = None
) -> int:
    """Bring up to `limit` cases up to date whose time has come; answers how many there were.

    Several sweepers share the work: each locks what it takes and passes over what others hold.
    """
    due = await claim_due_cases(tx.session, now, limit, only)
    if due:
        woken = {one.case.id: one.woken_at for one in due}
        cases = [one.case for one in due]
        telling = await Telling.begin(tx, rulebook, cases, now, woken)
        with _all_of(due):
            batch = current_traceparent()
            for case in cases:
                with nullcontext() if len(due) == 1 else _one_of(case, batch):
                    await _act(telling, case)
            await telling.write()
    return len(due)


async def set_aside_case(tx: Transaction, case: str, error: Exception, now: datetime) -> None:
    """Nothing could be done with a case; look at it again later, and say so until it succeeds."""
    log.error("sweep.set-aside", case=case, error=type(error).__name__)
    await set_aside(tx.session, case, type(error).__name__, now, now + TRY_AGAIN)


async def _act(telling: Telling, case: Case) -> None:
    try:
        seen = telling.look(case)
    except Exception as error:  # noqa: BLE001 - it is kept with the case
        await set_aside_case(telling.tx, case.id, error, telling.now)
    else:
        await telling.tell(case, seen)


@contextmanager
def _all_of(due: Sequence[Due]) -> Iterator[None]:
    """What is written for all stands below a span of its own, to which those of cases are linked.

    What is written for one alone stands below its own.
    """
    if len(due) == 1:
        with _one_of(due[0].case):
            yield
        return
    told: dict[str, Any] = {COUNT: len(due)}
    with attached(None), span("sweep batch", **told):
        yield


@contextmanager
def _one_of(case: Case, batch: str | None = None) -> Iterator[None]:
    told: dict[str, Any] = {REFERENCE: case.reference, AREA: case.area, KIND: case.kind}
    with attached(case.traceparent), span("sweep", links=[batch] if batch else (), **told):
        yield
