"""Another version of the rules for a case that runs, over HTTP: look ahead, then move it."""

from typing import Any

import uuid_utils
from litestar import Response, post
from litestar.openapi import ResponseSpec

from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.entrypoints import act_bodies as body
from services.deadlines.entrypoints.act_answers import RebasedOut, rebased_out
from services.deadlines.entrypoints.act_routes import ApiRequest, asked_by
from services.deadlines.use_cases.preview_rebasing import preview_rebasing
from services.deadlines.use_cases.rebase_case import rebase_case
from shared.access.guards import allow
from shared.access.principal import Principal, Role
from shared.clock import utc_now
from shared.transaction import Transactions
from shared.web.etags import etag
from shared.web.idempotency import once
from shared.web.openapi import IF_MATCH

TO_REBASE = allow(Role.CHIEF_INSPECTOR)
DONE: Any = {
    "status_code": 201,
    "opt": {IF_MATCH: True},
    "responses": {201: ResponseSpec(RebasedOut, description="It counts by the other version")},
}


@post("/rebasings/previews", guards=[TO_REBASE], status_code=200)
async def foresee_rebasing(
    data: body.RebasingPreviewIn,
    principal: Principal,
    transactions: Transactions,
    rulebook: Rulebook,
) -> Response[RebasedOut]:
    """What it would change; nothing is moved. The ETag goes into the If-Match of whoever does."""
    async with transactions.begin() as tx:
        found = await preview_rebasing(
            tx, rulebook, data.reference, data.version, principal, utc_now()
        )
    return Response(rebased_out(found), headers={"ETag": etag(found.before.sequence)})


@post("/rebasings", guards=[TO_REBASE], **DONE)
async def rebase(
    request: ApiRequest, data: body.RebaseIn, transactions: Transactions, rulebook: Rulebook
) -> Response[bytes]:
    """Move a case to another version of the rules; nothing else ever does."""
    by, act = asked_by(request, data.reason, data.agreed_by), str(uuid_utils.uuid7())

    async def move() -> RebasedOut:
        return rebased_out(await rebase_case(tx, rulebook, data.reference, data.version, by, act))

    async with transactions.begin() as tx:
        return await once(tx, request, move)


REBASING_ROUTES = (foresee_rebasing, rebase)
