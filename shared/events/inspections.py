"""What inspections says has happened to a joint inspection (key: the inspection's id)."""

from datetime import date
from typing import ClassVar

from shared.events.envelope import Event


class InspectionPlanned(Event, frozen=True, kw_only=True):
    """A joint inspection was planned; `areas` is empty for a national one."""

    TYPE: ClassVar[str] = "scot.scrutiny.inspection.planned.v1"
    reference: str
    theme: str
    scope: str
    areas: list[str]
    starts_on: date
    ends_on: date


class InspectionChanged(Event, frozen=True, kw_only=True):
    """The plan of a joint inspection was changed; the body holds it as it now is."""

    TYPE: ClassVar[str] = "scot.scrutiny.inspection.changed.v1"
    reference: str
    theme: str
    scope: str
    areas: list[str]
    starts_on: date
    ends_on: date
    changed: list[str]


class InspectionCancelled(Event, frozen=True, kw_only=True):
    """A joint inspection will not take place."""

    TYPE: ClassVar[str] = "scot.scrutiny.inspection.cancelled.v1"
    reference: str
    areas: list[str]
