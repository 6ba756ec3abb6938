"""A joint inspection: planned, changed while it stands, or cancelled for a reason."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date, datetime

from services.inspections.domain.plan import Plan
from services.inspections.domain.vocabulary import Scope, Status
from shared.errors import Conflict, FieldError, Invalid

LONGEST_REASON = 2_000


@dataclass(frozen=True, slots=True)
class Inspection:
    """One joint inspection; `version` grows by one with every change."""

    id: str
    reference: str
    plan: Plan
    planned_at: datetime
    status: Status = Status.PLANNED
    cancelled_reason: str | None = None
    version: int = 1

    def touches(self, areas: frozenset[str]) -> bool:
        """Whether it looks at any of the areas; a national one looks at all."""
        return self.plan.scope is Scope.NATIONAL or not areas.isdisjoint(self.plan.areas)


@dataclass(frozen=True, slots=True)
class Clash:
    """Other planned scrutiny on some of the same days; `areas` is empty when both are national."""

    other: Inspection
    areas: tuple[str, ...]
    starts_on: date
    ends_on: date


def reference_of(year: int, number: int) -> str:
    """The public name of the year's inspection of that number: JI-2026-0001."""
    return f"JI-{year}-{number:04}"


def change(inspection: Inspection, plan: Plan) -> tuple[Inspection, list[str]]:
    """The inspection with the new plan, and what differs; no difference, no new version."""
    _refuse_cancelled(inspection)
    changed = [
        field.name
        for field in fields(Plan)
        if getattr(plan, field.name) != getattr(inspection.plan, field.name)
    ]
    if not changed:
        return inspection, []
    return replace(inspection, plan=plan, version=inspection.version + 1), changed


def cancel(inspection: Inspection, reason: str) -> Inspection:
    """The inspection, called off; why is kept with it."""
    _refuse_cancelled(inspection)
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise Invalid(FieldError("reason", f"must be 1 to {LONGEST_REASON} characters"))
    return replace(
        inspection,
        status=Status.CANCELLED,
        cancelled_reason=reason.strip(),
        version=inspection.version + 1,
    )


def clashes(inspection: Inspection, others: Iterable[Inspection]) -> list[Clash]:
    """Other planned scrutiny that shares both days and areas; a cancelled inspection has none."""
    if inspection.status is Status.CANCELLED:
        return []
    found = (_clash(inspection, other) for other in others if other.id != inspection.id)
    return sorted(filter(None, found), key=lambda each: each.other.reference)


def _clash(one: Inspection, other: Inspection) -> Clash | None:
    starts_on = max(one.plan.starts_on, other.plan.starts_on)
    ends_on = min(one.plan.ends_on, other.plan.ends_on)
    if other.status is Status.CANCELLED or starts_on > ends_on or not _share_areas(one, other):
        return None
    return Clash(other, _shared_areas(one.plan, other.plan), starts_on, ends_on)


def _share_areas(one: Inspection, other: Inspection) -> bool:
    return one.plan.scope is Scope.NATIONAL or other.touches(frozenset(one.plan.areas))


def _shared_areas(one: Plan, other: Plan) -> tuple[str, ...]:
    if one.scope is Scope.NATIONAL:
        return other.areas
    if other.scope is Scope.NATIONAL:
        return one.areas
    return tuple(area for area in one.areas if area in other.areas)


def _refuse_cancelled(inspection: Inspection) -> None:
    if inspection.status is Status.CANCELLED:
        raise Conflict(f"{inspection.reference} is cancelled; plan a new inspection instead.")
