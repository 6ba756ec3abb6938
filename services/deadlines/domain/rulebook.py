"""All rule sets and calendars this service can count by."""

from dataclasses import dataclass
from datetime import datetime

from services.deadlines.domain.calendar import Calendars, Pin
from services.deadlines.domain.calendar_shelf import CalendarShelf
from services.deadlines.domain.case import Case
from services.deadlines.domain.clock import Clock, derive_clocks
from services.deadlines.domain.facts import Facts
from services.deadlines.domain.rules import Rule, RuleSet


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Every version of the rules, oldest first, and the calendars as last read."""

    rule_sets: dict[str, RuleSet]
    shelf: CalendarShelf

    @property
    def calendars(self) -> Calendars:
        """The calendars in force, and every version before them."""
        return self.shelf.current

    @property
    def in_force(self) -> RuleSet:
        """The rules that a new case is pinned to."""
        return list(self.rule_sets.values())[-1]

    def preview(self, kind: str, area: str, facts: Facts, as_at: datetime) -> tuple[Clock, ...]:
        """The clocks these facts would have, under the rules in force."""
        return derive_clocks(self.in_force.of(kind), facts, area, self.calendars, as_at)

    def clocks(self, case: Case, as_at: datetime) -> tuple[Clock, ...]:
        """The clocks of a case, under the rules and calendars it is pinned to."""
        calendars = self.calendars.pinned(case.pins)
        return derive_clocks(self.rules_of(case), case.facts, case.area, calendars, as_at)

    def rules_of(self, case: Case) -> tuple[Rule, ...]:
        """The rules that apply to a case, under the version it is pinned to."""
        return self.rule_sets[case.rule_set].of(case.kind)

    def rule_ids(self, case: Case) -> tuple[str, ...]:
        """The same by their ids."""
        return tuple(rule.id for rule in self.rules_of(case))

    def pins(self, case: Case) -> dict[str, Pin]:
        """The calendars in force for each rule of the case that looks at one."""
        rules = self.rules_of(case)
        found = ((one.id, self.calendars.for_rule(one.calendar, case.area)) for one in rules)
        return {rule: calendar.pin for rule, calendar in found if calendar is not None}
