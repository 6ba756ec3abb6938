"""The body of a new version of a calendar, and what it asks for."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from services.deadlines.domain.calendar import CALENDAR_IDS, FALLBACK
from services.deadlines.domain.calendar_entries import Entry
from services.deadlines.domain.calendar_making import Mode
from services.deadlines.outside.calendar_csv import read_csv
from services.deadlines.outside.calendar_ics import read_ics
from services.deadlines.use_cases.change_calendar import Import
from shared.access.principal import Principal
from shared.errors import FieldError, Invalid, NotAllowed, NotFound

# The longest file that is read; a calendar of two centuries is about 60,000 characters.
LONGEST_FILE = 500_000
Text = Annotated[str, Meta(max_length=LONGEST_FILE)]
Reason = Annotated[str, Meta(min_length=10, max_length=1000)]


class CalendarIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Exactly one of `csv` and `icalendar`.

    `mode` `years` tells the years that the file names whole; `changes` adds single days to the
    version in force, and takes days away that are of kind `worked`.
    """

    reason: Reason
    csv: Text | None = None
    icalendar: Text | None = None
    mode: Literal["years", "changes"] = "years"


class CalendarPreviewIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As for a change, without a reason: nothing is changed."""

    csv: Text | None = None
    icalendar: Text | None = None
    mode: Literal["years", "changes"] = "years"


def known_calendar(calendar_id: str) -> str:
    """`NotFound` unless it is Scotland's or a council area's."""
    if calendar_id not in CALENDAR_IDS:
        raise NotFound("There is no such calendar.")
    return calendar_id


def require_may_change(principal: Principal, calendar_id: str) -> None:
    """An area's calendar is changed by those who see the area, Scotland's by those who see all."""
    if calendar_id == FALLBACK and principal.areas is not None:
        raise NotAllowed("Scotland's calendar is changed by those who see all areas.")
    if calendar_id != FALLBACK:
        principal.require_area(calendar_id, "calendar")


def import_asked(calendar_id: str, body: CalendarIn | CalendarPreviewIn) -> Import:
    """The days that were sent; `Invalid` names every line that cannot be read."""
    if (body.csv is None) == (body.icalendar is None):
        raise Invalid(FieldError("csv", "send either csv or icalendar, and not both"))
    source = "csv" if body.csv is not None else "icalendar"
    return Import(calendar_id, _entries(body), Mode(body.mode), source)


def _entries(body: CalendarIn | CalendarPreviewIn) -> list[Entry]:
    return read_csv(body.csv) if body.csv is not None else read_ics(body.icalendar or "")
