"""Emergency regimes over HTTP: look ahead, declare one, and read them."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.openapi import ResponseSpec

from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.entrypoints import act_bodies as body
from services.deadlines.entrypoints.act_answers import (
    RegimeDoneOut,
    RegimeOut,
    TouchedOut,
    regime_out,
    touched_out,
)
from services.deadlines.storage.regime_history import RegimeLine, regime_history
from services.deadlines.storage.regimes import RegimeRecord, find_regime, list_regimes
from services.deadlines.use_cases.declare_regime import declare_regime, preview_regime
from services.deadlines.use_cases.reach_of_regime import Reach
from shared.access.guards import allow, allow_case_readers
from shared.access.principal import Principal, Role
from shared.clock import utc_now
from shared.errors import NotFound
from shared.transaction import Transactions
from shared.web.etags import etag
from shared.web.idempotency import once
from shared.web.pages import Page, Position, checked_limit, page, place

ApiRequest = Request[Principal, Any, Any]
TO_DECLARE = allow(Role.CHIEF_INSPECTOR)
DONE: Any = {
    "status_code": 201,
    "responses": {201: ResponseSpec(RegimeDoneOut, description="The regime, and what it touched")},
}


@post("/regimes/previews", guards=[TO_DECLARE], status_code=200)
async def foresee(
    data: body.RegimeIn, principal: Principal, transactions: Transactions, rulebook: Rulebook
) -> TouchedOut:
    """Which clocks a regime would touch, and how; nothing is declared."""
    async with transactions.begin() as tx:
        return touched_out(await preview_regime(tx, rulebook, data.asked(), principal, utc_now()))


@post("/regimes", guards=[TO_DECLARE], **DONE)
async def declare(
    request: ApiRequest, data: body.RegimeIn, transactions: Transactions, rulebook: Rulebook
) -> Response[bytes]:
    """One act that extends what runs in the period, and holds for what is notified later."""
    asked = data.asked()

    async def done() -> RegimeDoneOut:
        return regime_done(*await declare_regime(tx, rulebook, asked, request.user, utc_now()))

    async with transactions.begin() as tx:
        return await once(tx, request, done, headers={"ETag": etag(1)})


@get("/regimes", guards=[allow_case_readers])
async def get_regimes(
    transactions: Transactions, cursor: str | None = None, limit: int | None = None
) -> Page[RegimeOut]:
    """All regimes as they were declared, withdrawn ones too."""
    size, start = checked_limit(limit), place(cursor, tuple[Position])
    async with transactions.begin() as tx:
        found = await list_regimes(tx.session, start[0] if start else 0, size + 1)
    return page(found, size, out=regime_out, after=lambda one: (one.number,))


@get("/regimes/{regime_id:str}", guards=[allow_case_readers])
async def get_regime(regime_id: str, transactions: Transactions) -> Response[RegimeOut]:
    """One regime; its ETag goes into the If-Match of whoever ends or withdraws it."""
    async with transactions.begin() as tx:
        found = await find_regime(tx.session, regime_id)
    if found is None:
        raise NotFound("There is no such regime.")
    return Response(regime_out(found), headers={"ETag": etag(found.version)})


@get("/regimes/{regime_id:str}/history", guards=[allow_case_readers])
async def get_regime_history(regime_id: str, transactions: Transactions) -> Page[RegimeLine]:
    """Declared, ended, withdrawn, and carried to all cases: by whom and why; oldest first."""
    async with transactions.begin() as tx:
        lines = await regime_history(tx.session, regime_id)
    if not lines:
        raise NotFound("There is no such regime.")
    return Page(lines, None)


def regime_done(made: RegimeRecord, reach: Reach) -> RegimeDoneOut:
    """The regime after an act, and what that touched."""
    return RegimeDoneOut(regime_out(made), touched_out(reach))


REGIME_ROUTES = (foresee, declare, get_regimes, get_regime, get_regime_history)
