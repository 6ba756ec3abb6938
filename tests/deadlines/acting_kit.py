"""People who act on clocks, and what became of it; times are said, and never read."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import text

from services.deadlines.domain.acts import Act
from services.deadlines.domain.case import Case
from services.deadlines.domain.clock import Clock
from services.deadlines.domain.facts import Extension, Facts
from services.deadlines.storage.cases import load_case
from services.deadlines.storage.recorded_clocks import clock_id
from services.deadlines.use_cases.acting import By
from services.deadlines.use_cases.change_regime import RegimeChange
from services.deadlines.use_cases.declare_regime import RegimeAsked, declare_regime
from services.deadlines.use_cases.end_regime import end_regime
from services.deadlines.use_cases.extend_clock import extend_clock
from services.deadlines.use_cases.pause_clock import pause_clock
from services.deadlines.use_cases.reach_of_regime import Reach
from services.deadlines.use_cases.resume_clock import resume_clock
from services.deadlines.use_cases.withdraw_act import withdraw_act
from services.deadlines.use_cases.withdraw_regime import withdraw_regime
from shared.access.principal import Principal, Role
from shared.transaction import Transactions
from tests.deadlines.builders import CASE, RULEBOOK

REPORT = "lac-report-28d"
WHY = "The police asked for it"
CHIEF = Principal("chief-1", "Chief", frozenset({Role.CHIEF_INSPECTOR}), None)
INSPECTOR = Principal(
    "inspector-1", "Inspector", frozenset({Role.STRATEGIC_INSPECTOR}), frozenset({"S12000047"})
)
NOW = datetime(2026, 2, 20, 12, tzinfo=UTC)
_NOTHING = Facts(occurred_at=NOW, aware_at=NOW)


def clock(rule: str = REPORT, case: str = CASE) -> str:
    """The id of a clock."""
    return clock_id(Case(case, "", "", "", "", _NOTHING, NOW), rule)


def by(
    who: Principal = CHIEF, now: datetime = NOW, agreed_by: str | None = "chief inspector"
) -> By:
    """Somebody who gives a reason."""
    return By(who, now, WHY, agreed_by)


async def extended(
    transactions: Transactions, amount: int, rule: str = REPORT, who: By | None = None
) -> Act:
    async with transactions.begin() as tx:
        return await extend_clock(tx, RULEBOOK, clock(rule), amount, who or by())


async def paused(
    transactions: Transactions,
    starts: date | None,
    ends: date | None,
    rule: str = REPORT,
    who: By | None = None,
) -> Act:
    async with transactions.begin() as tx:
        return await pause_clock(tx, RULEBOOK, clock(rule), starts, ends, who or by())


async def resumed(
    transactions: Transactions, pause: str, ends: date | None, who: By | None = None
) -> Act:
    async with transactions.begin() as tx:
        return await resume_clock(tx, RULEBOOK, clock(), pause, ends, who or by())


async def withdrawn(
    transactions: Transactions, act: str, rule: str = REPORT, who: By | None = None
) -> Act:
    async with transactions.begin() as tx:
        return await withdraw_act(tx, RULEBOOK, clock(rule), act, who or by())


def regime(**given: Any) -> RegimeAsked:
    """Covid, say: all of February and March, and fourteen days more for reports."""
    usual: dict[str, Any] = {
        "name": "Covid-19",
        "kinds": (),
        "areas": (),
        "starts": date(2026, 2, 1),
        "ends": date(2026, 4, 1),
        "extensions": (Extension("report", 14),),
        "reason": WHY,
        "agreed_by": "Scottish Ministers",
    }
    return RegimeAsked(**(usual | given))


async def declared(
    transactions: Transactions, now: datetime = NOW, **given: Any
) -> tuple[str, Reach]:
    """The id of a regime that was declared, and what it touched."""
    async with transactions.begin() as tx:
        made, reach = await declare_regime(tx, RULEBOOK, regime(**given), CHIEF, now)
    return made.declared.regime.id, reach


async def undeclared(transactions: Transactions, regime_id: str, now: datetime = NOW) -> Reach:
    change = RegimeChange(regime_id, CHIEF, WHY, now, lambda _: None)
    async with transactions.begin() as tx:
        _, reach = await withdraw_regime(tx, RULEBOOK, change)
    return reach


async def ended(
    transactions: Transactions, regime_id: str, ends: date, now: datetime = NOW
) -> Reach:
    change = RegimeChange(regime_id, CHIEF, WHY, now, lambda _: None)
    async with transactions.begin() as tx:
        _, reach = await end_regime(tx, RULEBOOK, change, ends)
    return reach


async def stands(
    transactions: Transactions, rule: str = REPORT, now: datetime = NOW, case: str = CASE
) -> Clock:
    """A clock as its stored facts make it now."""
    async with transactions.begin() as tx:
        found = await load_case(tx.session, case)
    assert found is not None
    return next(one for one in RULEBOOK.clocks(found, now) if one.rule.id == rule)


async def rows(transactions: Transactions, statement: str) -> list[Any]:
    """What a statement finds."""
    async with transactions.begin() as tx:
        return list((await tx.session.execute(text(statement))).all())
