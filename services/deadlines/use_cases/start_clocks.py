"""A notification was received: every rule of its kind gets a clock."""

from datetime import datetime

from services.deadlines.domain.case import Case
from services.deadlines.domain.facts import Facts
from services.deadlines.domain.regime_scope import under
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.storage.calendars import read_in_force
from services.deadlines.storage.cases import add_case, lock_case
from services.deadlines.storage.regimes import standing_regimes
from services.deadlines.use_cases.bring_up_to_date import bring_up_to_date
from services.deadlines.use_cases.tell_link_inspector import tell_link_inspector
from shared.errors import FieldError, Invalid
from shared.events.intake import NotificationReceived
from shared.telemetry import current_traceparent
from shared.transaction import Transaction


async def start_clocks(
    tx: Transaction, rulebook: Rulebook, case_id: str, event: NotificationReceived, now: datetime
) -> None:
    """Pin the case to what is in force, start its clocks, and owe the link inspector a mail."""
    if await lock_case(tx.session, case_id) is not None:
        return
    if not rulebook.in_force.of(event.kind):
        raise Invalid(FieldError("kind", "must be a kind that has rules"))
    await read_in_force(tx.session, rulebook.shelf)
    case = _case(rulebook, case_id, event, now)
    case = under(case.pinned(rulebook.pins(case)), await standing_regimes(tx.session))
    await add_case(tx.session, case)
    await tell_link_inspector(tx, case, now)
    await bring_up_to_date(tx, rulebook, case, now)


def _case(rulebook: Rulebook, case_id: str, event: NotificationReceived, now: datetime) -> Case:
    return Case(
        id=case_id,
        reference=event.reference,
        kind=event.kind,
        area=event.area,
        rule_set=rulebook.in_force.version,
        facts=Facts(
            occurred_at=event.occurred_at,
            aware_at=event.aware_at,
            received_at=event.received_at,
        ),
        begun_at=now,
        traceparent=current_traceparent(),
    )
