"""Ending and withdrawing an emergency regime over HTTP: look ahead, then do it."""

from litestar import Response, post

from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.entrypoints import act_bodies as body
from services.deadlines.entrypoints.act_answers import RegimeDoneOut, TouchedOut, touched_out
from services.deadlines.entrypoints.regime_routes import DONE, TO_DECLARE, ApiRequest, regime_done
from services.deadlines.use_cases.change_regime import RegimeChange
from services.deadlines.use_cases.end_regime import end_regime
from services.deadlines.use_cases.preview_regime_change import (
    Foreseen,
    preview_ending,
    preview_withdrawal,
)
from services.deadlines.use_cases.withdraw_regime import withdraw_regime
from shared.access.principal import Principal
from shared.clock import utc_now
from shared.transaction import Transactions
from shared.web.etags import etag, require_match
from shared.web.idempotency import once
from shared.web.openapi import IF_MATCH

ENDINGS, WITHDRAWALS = "/regimes/{regime_id:str}/endings", "/regimes/{regime_id:str}/withdrawals"


@post(f"{ENDINGS}/previews", guards=[TO_DECLARE], status_code=200)
async def foresee_ending(
    regime_id: str,
    data: body.RegimeEndPreviewIn,
    principal: Principal,
    transactions: Transactions,
    rulebook: Rulebook,
) -> Response[TouchedOut]:
    """What that end would move; nothing is changed. The ETag goes into the If-Match of the act."""
    ends = data.day()
    async with transactions.begin() as tx:
        found = await preview_ending(tx, rulebook, regime_id, ends, principal, utc_now())
    return _foreseen(found)


@post(f"{WITHDRAWALS}/previews", guards=[TO_DECLARE], status_code=200)
async def foresee_withdrawal(
    regime_id: str, principal: Principal, transactions: Transactions, rulebook: Rulebook
) -> Response[TouchedOut]:
    """What undoing it would move; nothing is changed. The ETag goes into the act's If-Match."""
    async with transactions.begin() as tx:
        found = await preview_withdrawal(tx, rulebook, regime_id, principal, utc_now())
    return _foreseen(found)


@post(ENDINGS, guards=[TO_DECLARE], opt={IF_MATCH: True}, **DONE)
async def end(
    regime_id: str,
    request: ApiRequest,
    data: body.RegimeEndIn,
    transactions: Transactions,
    rulebook: Rulebook,
) -> Response[bytes]:
    """Give it its end, or another one; needs If-Match."""
    ends = data.day()
    change = _change(request, regime_id, data.reason)

    async def done() -> RegimeDoneOut:
        return regime_done(*await end_regime(tx, rulebook, change, ends))

    async with transactions.begin() as tx:
        return await once(tx, request, done)


@post(WITHDRAWALS, guards=[TO_DECLARE], opt={IF_MATCH: True}, **DONE)
async def withdraw(
    regime_id: str,
    request: ApiRequest,
    data: body.WithdrawalIn,
    transactions: Transactions,
    rulebook: Rulebook,
) -> Response[bytes]:
    """Undo it: clocks count as if it had never been declared; needs If-Match."""
    change = _change(request, regime_id, data.reason)

    async def done() -> RegimeDoneOut:
        return regime_done(*await withdraw_regime(tx, rulebook, change))

    async with transactions.begin() as tx:
        return await once(tx, request, done)


def _change(request: ApiRequest, regime_id: str, reason: str) -> RegimeChange:
    def permit(version: int) -> None:
        require_match(request, version)

    return RegimeChange(regime_id, request.user, reason, utc_now(), permit)


def _foreseen(found: Foreseen) -> Response[TouchedOut]:
    reach, version = found
    return Response(touched_out(reach), headers={"ETag": etag(version)})


REGIME_CHANGE_ROUTES = (foresee_ending, foresee_withdrawal, end, withdraw)
