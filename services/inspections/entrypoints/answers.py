"""From what the use cases answer to what the routes answer, and back."""

from typing import Any

from services.inspections.domain.footprint import Footprint
from services.inspections.domain.inspection import Clash, Inspection
from services.inspections.domain.plan import Plan, Proposal, ProposedElement
from services.inspections.domain.vocabulary import BODY_NAMES, THEME_NAMES, Theme
from services.inspections.entrypoints.schemas import (
    BodyOut,
    ClashOut,
    DutyOut,
    ElementOut,
    FootprintOut,
    InspectionIn,
    InspectionInContextOut,
    InspectionOut,
    LinkInspectorOut,
    PhaseOut,
    ThemeOut,
    ThemesOut,
)
from services.inspections.storage.reference import footprints, suggested_elements
from services.inspections.use_cases.show_inspection import InspectionInContext


def proposal(body: InspectionIn) -> Proposal:
    """A body as a plan to be judged."""
    return Proposal(
        theme=body.theme,
        scope=body.scope,
        areas=tuple(body.areas),
        starts_on=body.starts_on,
        ends_on=body.ends_on,
        elements=tuple(ProposedElement(each.name, tuple(each.bodies)) for each in body.elements),
        title=body.title,
        footprint=body.footprint,
    )


def inspection_out(inspection: Inspection) -> InspectionOut:
    """An inspection as answered in lists and to changes."""
    return InspectionOut(**_fields(inspection))


def in_context_out(seen: InspectionInContext) -> InspectionInContextOut:
    """An inspection as answered alone."""
    footprint = footprints().get(seen.inspection.plan.footprint or "")
    services = seen.link_inspectors
    return InspectionInContextOut(
        **_fields(seen.inspection),
        footprint_weeks=None if footprint is None else _footprint_out(footprint),
        clashes=[_clash_out(clash) for clash in seen.clashes],
        link_inspectors=[
            LinkInspectorOut(each.area, each.person, each.starts_on, each.ends_on)
            for each in services
        ],
    )


def themes_out() -> ThemesOut:
    """Everything a planner can choose from."""
    bodies = [BodyOut(code, name) for code, name in BODY_NAMES.items()]
    return ThemesOut([_theme_out(theme) for theme in Theme], bodies)


def _fields(inspection: Inspection) -> dict[str, Any]:
    plan = inspection.plan
    return {
        "reference": inspection.reference,
        "status": inspection.status,
        "theme": plan.theme,
        "scope": plan.scope,
        "areas": list(plan.areas),
        "starts_on": plan.starts_on,
        "ends_on": plan.ends_on,
        "elements": [ElementOut(each.name, list(each.bodies)) for each in plan.elements],
        "bodies": _duties_out(plan),
        "title": plan.title,
        "footprint": plan.footprint,
        "cancelled_reason": inspection.cancelled_reason,
        "planned_at": inspection.planned_at,
        "version": inspection.version,
    }


def _duties_out(plan: Plan) -> list[DutyOut]:
    duties = (
        DutyOut(body, name, [each.name for each in plan.elements if body in each.bodies])
        for body, name in BODY_NAMES.items()
    )
    return [duty for duty in duties if duty.elements]


def _theme_out(theme: Theme) -> ThemeOut:
    suggested = suggested_elements()[theme].items()
    return ThemeOut(
        theme,
        THEME_NAMES[theme],
        [ElementOut(name, list(bodies)) for name, bodies in suggested],
        [_footprint_out(each) for each in footprints().values() if each.theme is theme],
    )


def _footprint_out(footprint: Footprint) -> FootprintOut:
    return FootprintOut(
        id=footprint.id,
        name=footprint.name,
        version=footprint.version,
        theme=footprint.theme,
        weeks=footprint.weeks,
        phases=[PhaseOut(each.name, each.first_week, each.last_week) for each in footprint.phases],
    )


def _clash_out(clash: Clash) -> ClashOut:
    plan = clash.other.plan
    return ClashOut(
        reference=clash.other.reference,
        title=plan.title,
        theme=plan.theme,
        scope=plan.scope,
        areas=list(clash.areas),
        starts_on=clash.starts_on,
        ends_on=clash.ends_on,
    )
