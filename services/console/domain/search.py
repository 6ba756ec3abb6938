"""What an operator looks for among traces."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.errors import FieldError

PAGE = 25
LONGEST_TEXT = 200
WINDOWS = {
    "15-minutes": timedelta(minutes=15),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "any": None,
}
_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,3})?")
_BEFORE = re.compile(r"[0-9]{1,19}")


@dataclass(frozen=True, slots=True)
class Search:
    """Every part narrows; the default finds the newest of all."""

    reference: str = ""
    service: str = ""
    errors_only: bool = False
    min_ms: float | None = None
    window: str = "any"
    # Only traces that began before this instant (nanoseconds): the next page.
    before_ns: int | None = None

    def since(self, now: datetime) -> datetime | None:
        """The earliest beginning that is asked for."""
        width = WINDOWS[self.window]
        return None if width is None else now - width


def read_search(asked: Mapping[str, str]) -> tuple[Search, tuple[FieldError, ...]]:
    """A search as a form sends it; what cannot be understood is named and left out."""
    window = asked.get("window", "any")
    search = Search(
        reference=asked.get("reference", "").strip()[:LONGEST_TEXT].replace("\0", ""),
        service=asked.get("service", "").strip()[:LONGEST_TEXT].replace("\0", ""),
        errors_only=asked.get("errors") == "yes",
        window=window if window in WINDOWS else "any",
        before_ns=_before(asked.get("before", "")),
    )
    shortest = asked.get("min_ms", "").strip()
    if shortest and not _NUMBER.fullmatch(shortest):
        rule = "Enter how many milliseconds a trace took at least, as a number such as 250"
        return search, (FieldError("min_ms", rule),)
    return replace(search, min_ms=float(shortest) if shortest else None), ()


def _before(text: str) -> int | None:
    return min(int(text), 2**63 - 1) if _BEFORE.fullmatch(text) else None
