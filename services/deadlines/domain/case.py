"""Everything known about one notification, as far as deadlines need it."""

from dataclasses import dataclass, replace
from datetime import datetime

from services.deadlines.domain.facts import Facts


@dataclass(frozen=True, slots=True)
class Case:
    """The facts of one notification, under the rule set that was in force when its clocks began.

    `sequence` numbers its events; `traceparent` is the trace it began in, which every later
    effect of time continues.
    """

    id: str
    reference: str
    kind: str
    area: str
    rule_set: str
    facts: Facts
    begun_at: datetime
    sequence: int = 0
    traceparent: str | None = None

    def knowing(self, facts: Facts) -> "Case":
        """The same case with more facts."""
        return replace(self, facts=facts)

    def having_told(self, events: int) -> "Case":
        """The same case after so many more of its events."""
        return replace(self, sequence=self.sequence + events)
