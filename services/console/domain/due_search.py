"""What somebody asks of the list of deadlines, in the words of its form."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from shared.areas import COUNCIL_AREAS
from shared.clock import LONDON
from shared.errors import FieldError

STATES = {
    "": "Everything still running",
    "overdue": "Overdue",
    "due_soon": "Due soon",
    "open": "Open",
    "paused": "Paused",
    "met_late": "Met late",
    "met": "Met in time",
    "cancelled": "Cancelled",
}
_NO_DAY = "Write the date, such as 2026-03-28."
_FIRST, _LAST = date(1900, 1, 1), date(2200, 12, 31)
MINE = "mine"


@dataclass(frozen=True, slots=True)
class DueSearch:
    """One question; `area` is a code, `mine`, or empty for all that the person may see."""

    kind: str
    area: str
    state: str
    due_from: str
    due_to: str
    wordings: str
    cursor: str
    own: Sequence[str]
    errors: Sequence[FieldError]

    @property
    def nowhere(self) -> bool:
        """Whether somebody asks for areas of their own and has none."""
        return self.area == MINE and not self.own

    def asked(self) -> list[tuple[str, str]]:
        """The same as deadlines is asked; a day is meant whole, in Scottish time."""
        areas = self.own if self.area == MINE else [self.area]
        told = [("area", area) for area in areas]
        told += [("kind", self.kind), ("state", self.state), ("cursor", self.cursor)]
        told += [("due_from", _starts(self.due_from)), ("due_before", _ends(self.due_to))]
        told += [("governing", "" if self.wordings == "all" else "true")]
        return [(name, value) for name, value in told if value]

    def address(self, cursor: str) -> str:
        """The query of the page that begins at `cursor`."""
        names = ("kind", "area", "state", "due_from", "due_to", "wordings")
        told = {name: getattr(self, name) for name in names}
        told |= {"cursor": cursor}
        return urlencode({name: value for name, value in told.items() if value})


def read_due_search(
    given: Mapping[str, str], kinds: Collection[str], own: Sequence[str]
) -> DueSearch:
    """The question of a query; what is not known is not asked for, and wrong days are named."""
    days = {name: given.get(name, "").strip() for name in ("due_from", "due_to")}
    area = given.get("area", "")
    return DueSearch(
        kind=_one_of(given.get("kind", ""), kinds),
        area=_one_of(area, [MINE, *COUNCIL_AREAS]),
        state=_one_of(given.get("state", ""), STATES),
        wordings=_one_of(given.get("wordings", ""), ["all"]),
        cursor=given.get("cursor", ""),
        own=own,
        errors=[FieldError(name, _NO_DAY) for name, day in days.items() if not _is_day(day)],
        **days,
    )


def _one_of(text: str, known: Collection[str]) -> str:
    return text if text in known else ""


def _is_day(text: str) -> bool:
    try:
        return not text or _FIRST <= date.fromisoformat(text) <= _LAST
    except ValueError:
        return False


def _starts(day: str) -> str:
    return _midnight(date.fromisoformat(day)) if day else ""


def _ends(day: str) -> str:
    """What is due by the end of a day has the midnight after it as its instant."""
    if not day:
        return ""
    after = datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(0, 0, 0, 1), LONDON)
    return after.isoformat()


def _midnight(day: date) -> str:
    # Just after: what fell due by the end of the day before has this very midnight.
    return datetime.combine(day, time(0, 0, 0, 1), LONDON).isoformat()
