"""Acts on clocks over HTTP: extend, pause, resume, undo; and what became of it."""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Request, Response, get, post
from litestar.openapi import ResponseSpec

from services.deadlines.domain.acts import Act
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.entrypoints import act_bodies as body
from services.deadlines.entrypoints.act_answers import (
    ActedOut,
    ActsOut,
    HistoryOut,
    act_out,
    turn_out,
)
from services.deadlines.entrypoints.schemas import recorded_clock_out
from services.deadlines.storage.acts import acts_on
from services.deadlines.use_cases.acting import By
from services.deadlines.use_cases.extend_clock import extend_clock
from services.deadlines.use_cases.pause_clock import pause_clock
from services.deadlines.use_cases.resume_clock import resume_clock
from services.deadlines.use_cases.show_clocks import show_clock
from services.deadlines.use_cases.show_history import show_history
from services.deadlines.use_cases.withdraw_act import withdraw_act
from shared.access.guards import allow, allow_case_readers
from shared.access.principal import Principal, Role
from shared.clock import utc_now
from shared.transaction import Transaction, Transactions
from shared.web.etags import require_match
from shared.web.idempotency import once
from shared.web.openapi import IF_MATCH

ApiRequest = Request[Principal, Any, Any]
TO_ACT = allow(Role.STRATEGIC_INSPECTOR, Role.CHIEF_INSPECTOR)
ACTED: Any = {
    "status_code": 201,
    "opt": {IF_MATCH: True},
    "responses": {201: ResponseSpec(ActedOut, description="Done")},
}


@post("/clocks/{clock_id:str}/extensions", guards=[TO_ACT], **ACTED)
async def extend(
    clock_id: str,
    request: ApiRequest,
    data: body.ExtensionActIn,
    transactions: Transactions,
    rulebook: Rulebook,
) -> Response[bytes]:
    """Give more time; acts add up in whatever order they come, so If-Match may be left out."""
    by = asked_by(request, data.reason, data.agreed_by)

    async def act(tx: Transaction) -> Act:
        return await extend_clock(tx, rulebook, clock_id, data.amount, by)

    return await _acted(request, transactions, rulebook, clock_id, act)


@post("/clocks/{clock_id:str}/pauses", guards=[TO_ACT], **ACTED)
async def pause(
    clock_id: str,
    request: ApiRequest,
    data: body.PauseActIn,
    transactions: Transactions,
    rulebook: Rulebook,
) -> Response[bytes]:
    """Stop the count for a time, or until it is resumed."""
    body.sensible_days({"from": data.starts, "until": data.ends})
    by = asked_by(request, data.reason, data.agreed_by)

    async def act(tx: Transaction) -> Act:
        return await pause_clock(tx, rulebook, clock_id, data.starts, data.ends, by)

    return await _acted(request, transactions, rulebook, clock_id, act)


@post("/clocks/{clock_id:str}/pauses/{pause_id:str}/resumptions", guards=[TO_ACT], **ACTED)
async def resume(
    clock_id: str,
    pause_id: str,
    request: ApiRequest,
    data: body.ResumptionIn,
    transactions: Transactions,
    rulebook: Rulebook,
) -> Response[bytes]:
    """End a pause."""
    body.sensible_days({"until": data.ends})
    by = asked_by(request, data.reason)

    async def act(tx: Transaction) -> Act:
        return await resume_clock(tx, rulebook, clock_id, pause_id, data.ends, by)

    return await _acted(request, transactions, rulebook, clock_id, act)


@post("/clocks/{clock_id:str}/acts/{act_id:str}/withdrawals", guards=[TO_ACT], **ACTED)
async def withdraw(
    clock_id: str,
    act_id: str,
    request: ApiRequest,
    data: body.WithdrawalIn,
    transactions: Transactions,
    rulebook: Rulebook,
) -> Response[bytes]:
    """Undo an extension, a pause or a resumption; both stay on record."""
    by = asked_by(request, data.reason)

    async def act(tx: Transaction) -> Act:
        return await withdraw_act(tx, rulebook, clock_id, act_id, by)

    return await _acted(request, transactions, rulebook, clock_id, act)


@get("/clocks/{clock_id:str}/acts", guards=[allow_case_readers])
async def get_acts(
    clock_id: str, principal: Principal, transactions: Transactions, rulebook: Rulebook
) -> ActsOut:
    """What people did to the obligation of a clock, withdrawn or not."""
    async with transactions.begin() as tx:
        found = await show_history(tx, clock_id, principal)
        clock = await show_clock(tx, rulebook, clock_id, utc_now())
    mine = [act for act in found.acts if act.obligation == clock.clock.rule.obligation]
    return ActsOut([act_out(act, mine) for act in mine])


@get("/clocks/{clock_id:str}/history", guards=[allow_case_readers])
async def get_history(
    clock_id: str, principal: Principal, transactions: Transactions
) -> HistoryOut:
    """Every act, correction, regime and calendar that moved it: before, after, and why."""
    async with transactions.begin() as tx:
        found = await show_history(tx, clock_id, principal)
    lines = zip(found.turns, found.said, strict=True)
    return HistoryOut([turn_out(turned, said, found.acts) for turned, said in lines])


def asked_by(request: ApiRequest, reason: str, agreed_by: str | None = None) -> By:
    """Who asks for an act; where If-Match is sent it must match."""

    def permit(version: int) -> None:
        if "if-match" in request.headers:
            require_match(request, version)

    return By(request.user, utc_now(), reason, agreed_by, permit)


async def _acted(
    request: ApiRequest,
    transactions: Transactions,
    rulebook: Rulebook,
    clock_id: str,
    act: Callable[[Transaction], Awaitable[Act]],
) -> Response[bytes]:
    async def done() -> ActedOut:
        made = await act(tx)
        # What was read before the act is not what is so now.
        tx.session.expunge_all()
        shown = await show_clock(tx, rulebook, clock_id, utc_now())
        acts = await acts_on(tx.session, shown.listed.case.id)
        return ActedOut(act_out(made, acts), recorded_clock_out(shown))

    async with transactions.begin() as tx:
        return await once(tx, request, done)


ACT_ROUTES = (extend, pause, resume, withdraw, get_acts, get_history)
