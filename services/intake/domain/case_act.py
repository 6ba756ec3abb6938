"""What is done to a case as a whole: its dates corrected, a review ratified, the case ended."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Did(StrEnum):
    """What was done."""

    CORRECTED = "corrected"
    RATIFIED = "ratified"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class CaseAct:
    """One act, and who did it when; `reason` is for those who may read the case.

    `field`, `before` and `after` are of a correction, and `decision` or `submission` the one whose
    date it is; `after` is when a review was ratified.
    """

    id: str
    what: Did
    recorded_at: datetime
    recorded_by: str
    reason: str = ""
    field: str | None = None
    before: datetime | None = None
    after: datetime | None = None
    decision: str | None = None
    submission: str | None = None

    @property
    def tells_ratified(self) -> bool:
        """Whether it says when the review was ratified."""
        return self.what is Did.RATIFIED or self.field == "ratified_at"
