"""Rules that count working days in cases that are open for weeks, and changes of calendars."""

from dataclasses import replace
from datetime import UTC, datetime

from services.deadlines.domain.calendar_making import Mode
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.domain.rules import Rule, RuleSet, Unit, rule_set
from services.deadlines.entrypoints.corrector import Corrector
from services.deadlines.outside.calendar_csv import read_csv
from services.deadlines.storage.calendar_tables import CorrectionRow
from services.deadlines.storage.rulebook_files import load_rulebook
from services.deadlines.use_cases.change_calendar import Import, change_calendar, in_force_alone
from shared.transaction import Transactions

REASON = "The council published another day."
REPORT = "lac-report-28d"
# A Monday and a Tuesday on which Scotland works.
HOLIDAY, NEXT_DAY = "2026-02-16", "2026-02-17"
NOW = datetime(2026, 2, 12, 9, tzinfo=UTC)


def working_day_rulebook(days: int = 10) -> Rulebook:
    """The checked-in rules, but for a report that is due after so many of the area's days."""
    made = load_rulebook()
    sets = {version: _counting(found, days) for version, found in made.rule_sets.items()}
    return Rulebook(sets, made.shelf)


def _counting(found: RuleSet, days: int) -> RuleSet:
    return rule_set(found.version, tuple(_rule(rule, days) for rule in found.rules))


def _rule(rule: Rule, days: int) -> Rule:
    if rule.id != REPORT:
        return rule
    return replace(rule, unit=Unit.WORKING_DAYS, amount=days, calendar="area")


def csv_of(*days: str, kind: str = "holiday") -> str:
    """A file with these days."""
    return "\n".join(["date,name,kind", *(f"{day},A local holiday,{kind}" for day in days)])


async def changed(
    transactions: Transactions,
    rulebook: Rulebook,
    csv: str,
    calendar: str = "scotland",
    mode: Mode = Mode.CHANGES,
    now: datetime = NOW,
) -> CorrectionRow:
    """A new version is in force; what it moves is owed."""
    async with transactions.begin() as tx:
        await in_force_alone(tx, rulebook)
        wanted = Import(calendar, read_csv(csv), mode, "csv")
        return await change_calendar(tx, rulebook, wanted, REASON, "officer-1", now)


async def carried_through(
    transactions: Transactions, rulebook: Rulebook, now: datetime = NOW, batch: int = 500
) -> None:
    """Every correction that is owed."""
    await Corrector(transactions, rulebook, lambda: now, batch).carry_through()
