"""Every route of inspections: planned, read, changed and cancelled."""

from collections.abc import Callable
from typing import Any

from litestar import Request, Response, get, post, put
from litestar.openapi import ResponseSpec

from services.inspections.domain.inspection import Inspection
from services.inspections.entrypoints.answers import (
    in_context_out,
    inspection_out,
    proposal,
    themes_out,
)
from services.inspections.entrypoints.schemas import (
    CancelIn,
    InspectionIn,
    InspectionInContextOut,
    InspectionOut,
    ThemesOut,
)
from services.inspections.storage.inspections import Which
from services.inspections.use_cases.cancel_inspection import cancel_inspection
from services.inspections.use_cases.change_inspection import change_inspection
from services.inspections.use_cases.list_inspections import list_inspections
from services.inspections.use_cases.plan_inspection import plan_inspection
from services.inspections.use_cases.show_inspection import show_inspection
from shared.access.guards import allow
from shared.access.principal import Principal, Role
from shared.clock import utc_now
from shared.errors import NotFound
from shared.transaction import Transactions
from shared.web.etags import etag, require_match
from shared.web.idempotency import once
from shared.web.openapi import IF_MATCH
from shared.web.pages import Page, Paging, page

PLANNERS = (Role.SUPPORT_OFFICER, Role.CHIEF_INSPECTOR)
READERS = (*PLANNERS, Role.STRATEGIC_INSPECTOR, Role.AUDITOR, Role.SERVICE)
Signed = Request[Principal, Any, Any]


@get("/themes", guards=[allow(*READERS)])
async def get_themes() -> ThemesOut:
    """What a plan can be made of: themes, suggested elements, footprints, bodies."""
    return themes_out()


@post(
    "/inspections",
    guards=[allow(*PLANNERS)],
    responses={201: ResponseSpec(InspectionOut, description="The planned inspection")},
)
async def post_inspection(
    transactions: Transactions,
    request: Signed,
    principal: Principal,
    data: InspectionIn,
) -> Response[bytes]:
    """Plan a joint inspection; 422 names every rule that the plan breaks."""
    _require_areas(principal, data.areas)
    async with transactions.begin() as tx:

        async def act() -> InspectionOut:
            planned = await plan_inspection(
                tx, proposal(data), actor=principal.subject, now=utc_now()
            )
            return inspection_out(planned)

        return await once(tx, request, act, headers={"ETag": etag(1)})


@get("/inspections", guards=[allow(*READERS)])
async def get_inspections(
    transactions: Transactions,
    which: Which,
    paging: Paging,
) -> Page[InspectionOut]:
    """Inspections with a day from `from` to `to`; national ones are in every area."""
    async with transactions.begin() as tx:
        found = await list_inspections(tx, which, paging.after, paging.fetch)
    return page(found, paging.limit, out=inspection_out, after=lambda each: (each.id,))


@get("/inspections/{reference:str}", guards=[allow(*READERS)])
async def get_inspection(
    transactions: Transactions,
    principal: Principal,
    reference: str,
) -> Response[InspectionInContextOut]:
    """One inspection, what it clashes with, and who is link inspector of its areas meanwhile."""
    async with transactions.begin() as tx:
        seen = await show_inspection(tx, reference, principal.areas)
    return Response(in_context_out(seen), headers={"ETag": etag(seen.inspection.version)})


@put("/inspections/{reference:str}", guards=[allow(*PLANNERS)])
async def put_inspection(
    transactions: Transactions,
    request: Signed,
    principal: Principal,
    reference: str,
    data: InspectionIn,
) -> Response[InspectionOut]:
    """Put another plan in place of the one that If-Match names."""
    _require_areas(principal, data.areas)
    async with transactions.begin() as tx:
        changed = await change_inspection(
            tx,
            reference,
            proposal(data),
            permit=_permit(request),
            actor=principal.subject,
            now=utc_now(),
        )
    return Response(inspection_out(changed), headers={"ETag": etag(changed.version)})


@post(
    "/inspections/{reference:str}/cancel",
    status_code=200,
    opt={IF_MATCH: True},
    guards=[allow(*PLANNERS)],
    responses={200: ResponseSpec(InspectionOut, description="The cancelled inspection")},
)
async def post_cancel(
    transactions: Transactions,
    request: Signed,
    principal: Principal,
    reference: str,
    data: CancelIn,
) -> Response[bytes]:
    """Call off the inspection that If-Match names, for a reason."""
    headers: dict[str, str] = {}
    async with transactions.begin() as tx:

        async def act() -> InspectionOut:
            cancelled = await cancel_inspection(
                tx,
                reference,
                data.reason,
                permit=_permit(request),
                actor=principal.subject,
                now=utc_now(),
            )
            headers["ETag"] = etag(cancelled.version)
            return inspection_out(cancelled)

        return await once(tx, request, act, status=200, headers=headers)


ROUTES = (
    get_themes,
    post_inspection,
    get_inspections,
    get_inspection,
    put_inspection,
    post_cancel,
)


def _require_areas(principal: Principal, areas: list[str]) -> None:
    for area in areas:
        principal.require_area(area)


def _permit(request: Signed) -> Callable[[Inspection], None]:
    def permit(inspection: Inspection) -> None:
        areas = request.user.areas
        if areas is not None and not inspection.touches(areas):
            raise NotFound("There is no such inspection.")
        require_match(request, inspection.version)

    return permit
