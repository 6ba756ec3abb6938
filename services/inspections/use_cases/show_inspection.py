"""One joint inspection with what surrounds it: other scrutiny, and the link inspectors."""

from dataclasses import dataclass

from services.inspections.domain.inspection import Clash, Inspection, clashes
from services.inspections.domain.link_inspector import Service, serving
from services.inspections.domain.vocabulary import Scope, Status
from services.inspections.storage.inspections import Which, load_inspection, load_inspections
from services.inspections.storage.link_inspectors import tenures_between
from shared.areas import COUNCIL_AREAS
from shared.errors import NotFound
from shared.telemetry import REFERENCE, annotate
from shared.transaction import Transaction


@dataclass(frozen=True, slots=True)
class InspectionInContext:
    """An inspection, what it clashes with, and who is link inspector of its areas while it runs."""

    inspection: Inspection
    clashes: list[Clash]
    link_inspectors: list[Service]


async def show_inspection(
    tx: Transaction, reference: str, areas: frozenset[str] | None
) -> InspectionInContext:
    """The inspection and its clashes, as far as they exist for a caller of `areas` (None: all)."""
    inspection = await load_inspection(tx.session, reference)
    if inspection is None or not (areas is None or inspection.touches(areas)):
        raise NotFound("There is no such inspection.")
    annotate(**{REFERENCE: reference})
    return InspectionInContext(
        inspection,
        await _clashes(tx, inspection, areas),
        await _link_inspectors(tx, inspection),
    )


async def _clashes(
    tx: Transaction, inspection: Inspection, areas: frozenset[str] | None
) -> list[Clash]:
    plan = inspection.plan
    meanwhile = Which(
        status=Status.PLANNED, first=plan.starts_on, last=plan.ends_on, seen_from=areas
    )
    return clashes(inspection, await load_inspections(tx.session, meanwhile))


async def _link_inspectors(tx: Transaction, inspection: Inspection) -> list[Service]:
    plan = inspection.plan
    where = COUNCIL_AREAS if plan.scope is Scope.NATIONAL else plan.areas
    tenures = await tenures_between(tx.session, where, plan.starts_on, plan.ends_on)
    return serving(tenures, plan.starts_on, plan.ends_on)
