"""All rule sets and calendars this service can count by."""

from dataclasses import dataclass
from datetime import datetime

from services.deadlines.domain.calendar import Calendars
from services.deadlines.domain.case import Case
from services.deadlines.domain.clock import Clock, derive_clocks
from services.deadlines.domain.facts import Facts
from services.deadlines.domain.rules import RuleSet


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Every version of the rules, oldest first, and the calendars in force."""

    rule_sets: dict[str, RuleSet]
    calendars: Calendars

    @property
    def in_force(self) -> RuleSet:
        """The rules that a new case is pinned to."""
        return list(self.rule_sets.values())[-1]

    def preview(self, kind: str, area: str, facts: Facts, as_at: datetime) -> tuple[Clock, ...]:
        """The clocks these facts would have, under the rules in force."""
        return derive_clocks(self.in_force.of(kind), facts, area, self.calendars, as_at)

    def clocks(self, case: Case, as_at: datetime) -> tuple[Clock, ...]:
        """The clocks of a case, under the rules it is pinned to."""
        rules = self.rule_sets[case.rule_set].of(case.kind)
        return derive_clocks(rules, case.facts, case.area, self.calendars, as_at)
