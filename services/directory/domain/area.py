"""Council areas: a code names one area for ever, and is in use between two dates."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Area:
    """A council area; `valid_from` is None where no first day is known, `valid_to` is exclusive."""

    gss_code: str
    name: str
    valid_from: date | None = None
    valid_to: date | None = None

    def valid_on(self, day: date) -> bool:
        """Whether the code was in use on that day."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day < self.valid_to)

    def valid_throughout(self, starts_on: date, ends_on: date | None) -> bool:
        """Whether the code is in use on every day of `[starts_on, ends_on)`."""
        begun = self.valid_from is None or self.valid_from <= starts_on
        lasts = self.valid_to is None or (ends_on is not None and ends_on <= self.valid_to)
        return begun and lasts
