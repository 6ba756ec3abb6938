"""What link inspectors do for their areas: told by them and by support, read by few others."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.openapi import ResponseSpec

from services.directory.domain.link_activity import MEANINGS, KeyArea
from services.directory.entrypoints.answers import link_activity_out
from services.directory.entrypoints.schemas import KeyAreaOut, LinkActivityIn, LinkActivityOut
from services.directory.use_cases.list_link_activities import list_link_activities
from services.directory.use_cases.record_link_activity import record_link_activity
from shared.access.guards import allow, allow_signed_in
from shared.access.principal import Principal, Role
from shared.clock import utc_now
from shared.confidential.fields import FieldCipher
from shared.transaction import Transactions
from shared.web.idempotency import once
from shared.web.pages import Page, Paging, page

WRITERS = (Role.STRATEGIC_INSPECTOR, Role.SUPPORT_OFFICER, Role.CHIEF_INSPECTOR)


@get("/key-areas", guards=[allow_signed_in])
async def get_key_areas() -> list[KeyAreaOut]:
    """The six key areas of link activity."""
    return [KeyAreaOut(code, meaning) for code, meaning in MEANINGS.items()]


@post(
    "/link-activities",
    guards=[allow(*WRITERS)],
    responses={201: ResponseSpec(LinkActivityOut, description="The entry as it is kept")},
)
async def post_link_activity(
    transactions: Transactions,
    cipher: FieldCipher,
    request: Request[Principal, Any, Any],
    principal: Principal,
    data: LinkActivityIn,
) -> Response[bytes]:
    """Record what was done for an area of the caller's."""
    principal.require_area(data.area)
    async with transactions.begin() as tx:

        async def act() -> LinkActivityOut:
            return link_activity_out(
                await record_link_activity(
                    tx,
                    cipher,
                    area=data.area,
                    key_area=data.key_area,
                    happened_on=data.happened_on,
                    text=data.text,
                    actor=principal.subject,
                    now=utc_now(),
                )
            )

        return await once(tx, request, act)


@get("/link-activities", guards=[allow(*WRITERS, Role.AUDITOR)])
async def get_link_activities(
    transactions: Transactions,
    cipher: FieldCipher,
    paging: Paging,
    principal: Principal,
    area: str,
    key_area: KeyArea | None = None,
) -> Page[LinkActivityOut]:
    """What was recorded for an area of the caller's, in the order of recording."""
    principal.require_area(area)
    async with transactions.begin() as tx:
        found = await list_link_activities(tx, cipher, area, key_area, paging.after, paging.fetch)
    return page(found, paging.limit, out=link_activity_out, after=lambda each: (each.id,))
