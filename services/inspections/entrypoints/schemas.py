"""What the routes of inspections take and answer."""

from datetime import date, datetime

from msgspec import Struct, field

from services.inspections.domain.vocabulary import Body, Scope, Status, Theme


class ElementIn(Struct, forbid_unknown_fields=True):
    """An element of the service, and the bodies that have the duty to scrutinise it."""

    name: str
    bodies: list[Body]


class InspectionIn(Struct, forbid_unknown_fields=True):
    """A plan: `areas` are GSS codes (none for a national one); both dates are days of it."""

    theme: Theme
    scope: Scope
    starts_on: date
    ends_on: date
    elements: list[ElementIn]
    areas: list[str] = []
    title: str | None = None
    footprint: str | None = None


class CancelIn(Struct, forbid_unknown_fields=True):
    """Why the inspection will not take place; it is shown with the inspection and nowhere else."""

    reason: str


class ElementOut(Struct):
    """An element and the bodies that must scrutinise it."""

    name: str
    bodies: list[Body]


class DutyOut(Struct):
    """A body and the elements that it must scrutinise."""

    body: Body
    name: str
    elements: list[str]


class PhaseOut(Struct):
    """Weeks of a footprint, both included."""

    name: str
    first_week: int
    last_week: int


class FootprintOut(Struct):
    """One version of a template; school-holiday weeks do not count among its weeks."""

    id: str
    name: str
    version: str
    theme: Theme
    weeks: int
    phases: list[PhaseOut]


class ClashOut(Struct):
    """Other planned scrutiny and the days and areas shared with it (none: all of Scotland)."""

    reference: str
    title: str | None
    theme: Theme
    scope: Scope
    areas: list[str]
    starts_on: date = field(name="from")
    ends_on: date = field(name="to")


class LinkInspectorOut(Struct):
    """Who is an area's link inspector on which days of the inspection, by the directory's id."""

    area: str
    person: str
    starts_on: date = field(name="from")
    ends_on: date = field(name="to")


class InspectionOut(Struct):
    """A joint inspection; the ETag of a change is its version."""

    reference: str
    status: Status
    theme: Theme
    scope: Scope
    areas: list[str]
    starts_on: date
    ends_on: date
    elements: list[ElementOut]
    bodies: list[DutyOut]
    title: str | None
    footprint: str | None
    cancelled_reason: str | None
    planned_at: datetime
    version: int


class InspectionInContextOut(InspectionOut, kw_only=True):
    """A joint inspection with its footprint's weeks, its clashes and its link inspectors."""

    footprint_weeks: FootprintOut | None
    clashes: list[ClashOut]
    link_inspectors: list[LinkInspectorOut]


class ThemeOut(Struct):
    """A theme with elements to start from, which are suggestions and no official list."""

    code: Theme
    name: str
    suggested_elements: list[ElementOut]
    footprints: list[FootprintOut]


class BodyOut(Struct):
    """A scrutiny body."""

    code: Body
    name: str


class ThemesOut(Struct):
    """What a plan can be made of."""

    themes: list[ThemeOut]
    bodies: list[BodyOut]
