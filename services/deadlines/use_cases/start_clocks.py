"""Notifications were received: every rule of a notification's kind gets a clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.deadlines.domain.case import Case
from services.deadlines.domain.facts import Facts
from services.deadlines.domain.mail import About, Occasion
from services.deadlines.domain.regime_scope import under
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.storage.calendars import read_in_force
from services.deadlines.storage.cases import add_cases, lock_known
from services.deadlines.storage.regimes import standing_regimes
from services.deadlines.use_cases.telling import Telling
from shared.errors import FieldError, Invalid
from shared.events.intake import NotificationReceived
from shared.telemetry import attached, current_traceparent
from shared.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Beginning:
    """One notification, and the trace that everything it leads to belongs to."""

    case_id: str
    event: NotificationReceived
    traceparent: str | None


async def start_clocks(
    tx: Transaction, rulebook: Rulebook, case_id: str, event: NotificationReceived, now: datetime
) -> None:
    """The clocks of one notification, in the current trace."""
    beginning = Beginning(case_id, event, current_traceparent())
    await start_all_clocks(tx, rulebook, [beginning], now)


async def start_all_clocks(
    tx: Transaction, rulebook: Rulebook, begun: Sequence[Beginning], now: datetime
) -> None:
    """Pin cases to what is in force, start their clocks, and owe the link inspectors a mail each.

    A case that is known already stays as it is.
    """
    known = await lock_known(tx.session, [one.case_id for one in begun])
    fresh = {one.case_id: one for one in reversed(begun) if one.case_id not in known}
    if any(not rulebook.in_force.of(one.event.kind) for one in fresh.values()):
        raise Invalid(FieldError("kind", "must be a kind that has rules"))
    await read_in_force(tx.session, rulebook.shelf)
    regimes = await standing_regimes(tx.session)
    made = [_case(rulebook, one, now) for one in reversed(fresh.values())]
    cases = [under(case.pinned(rulebook.pins(case)), regimes) for case in made]
    await add_cases(tx.session, cases)
    await _tell(tx, rulebook, cases, now)


async def _tell(tx: Transaction, rulebook: Rulebook, cases: list[Case], now: datetime) -> None:
    telling = await Telling.begin(tx, rulebook, cases, now)
    for case in cases:
        with attached(case.traceparent):
            telling.owe(case, Occasion(About.NOTIFICATION))
            await telling.tell(case)
    await telling.write()


def _case(rulebook: Rulebook, begun: Beginning, now: datetime) -> Case:
    event = begun.event
    return Case(
        id=begun.case_id,
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
        traceparent=begun.traceparent,
    )
