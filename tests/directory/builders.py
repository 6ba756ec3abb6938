"""Directory things with sensible defaults: a test sets only what matters to it."""

from datetime import date
from itertools import count
from typing import Any

from services.directory.domain.appointment import Appointment, Kind, Role, Wanted
from services.directory.domain.area import Area

FIFE = "S12000047"
STIRLING = "S12000030"
_ids = count(1)


def an_area(gss_code: str = FIFE, **given: Any) -> Area:
    """Fife, always valid, unless said otherwise."""
    return Area(gss_code, given.pop("name", "Fife"), **given)


def an_appointment(starts_on: date, ends_on: date | None = None, **given: Any) -> Appointment:
    """A substantive link inspector for Fife."""
    number = next(_ids)
    defaults: dict[str, Any] = {
        "id": f"appointment-{number}",
        "person": f"person-{number}",
        "role": Role.LINK_INSPECTOR,
        "area": FIFE,
        "kind": Kind.SUBSTANTIVE,
    }
    return Appointment(**(defaults | {"starts_on": starts_on, "ends_on": ends_on} | given))


def wanted(starts_on: date, ends_on: date | None = None, **given: Any) -> Wanted:
    """Somebody asks for a substantive link inspector for Fife."""
    defaults: dict[str, Any] = {"person": "person-new", "role": "link-inspector", "area": FIFE}
    return Wanted(**(defaults | {"starts_on": starts_on, "ends_on": ends_on} | given))
