"""Everything known about one notification, as far as deadlines need it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.deadlines.domain.calendar import Pin
from services.deadlines.domain.facts import Facts


@dataclass(frozen=True, slots=True)
class Case:
    """The facts of one notification, under the rule set that was in force when its clocks began.

    `pins` say by which version of a calendar each of its rules counts; corrections move them on.
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
    pins: Mapping[str, Pin] = field(default_factory=dict)

    def knowing(self, facts: Facts) -> "Case":
        """The same case with more facts."""
        return replace(self, facts=facts)

    def pinned(self, pins: Mapping[str, Pin]) -> "Case":
        """The same case, counting by these versions from now on."""
        return replace(self, pins={**self.pins, **pins})

    def having_told(self, events: int) -> "Case":
        """The same case after so many more of its events."""
        return replace(self, sequence=self.sequence + events)
