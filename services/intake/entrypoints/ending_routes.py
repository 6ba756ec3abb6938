"""What is done to a case as a whole: dates corrected, a review ratified, the case ended."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler

from services.intake.domain.case_act import CaseAct
from services.intake.domain.correction import Correction
from services.intake.entrypoints import answers
from services.intake.entrypoints import schemas as body
from services.intake.entrypoints.documented import made
from services.intake.use_cases.acting_on_case import By
from services.intake.use_cases.close_case import close_case
from services.intake.use_cases.correct_date import correct_date
from services.intake.use_cases.ratify_review import ratify_review
from services.intake.use_cases.reopen_case import reopen_case
from services.intake.use_cases.withdraw_notification import withdraw_notification
from shared.access.date_corrections import CORRECTORS
from shared.access.guards import allow
from shared.access.principal import Principal, Role
from shared.clock import utc_now
from shared.confidential.fields import FieldCipher
from shared.transaction import Transaction, Transactions
from shared.web.etags import require_match
from shared.web.idempotency import once
from shared.web.openapi import IF_MATCH

ApiRequest = Request[Principal, Any, Any]
TO_HAND_IN = allow(Role.NOTIFIER, Role.SUPPORT_OFFICER)
TO_CORRECT = allow(*CORRECTORS)
TO_CLOSE = allow(Role.STRATEGIC_INSPECTOR, Role.SUPPORT_OFFICER, Role.CHIEF_INSPECTOR)
ACTED: Any = {
    "status_code": 201,
    "opt": {IF_MATCH: True},
    "responses": made(body.CaseActOut, "What was done"),
}
ONE = "/notifications/{reference:str}"


@post(f"{ONE}/corrections", guards=[TO_CORRECT], **ACTED)
async def correct(
    reference: str,
    request: ApiRequest,
    data: body.CorrectionIn,
    transactions: Transactions,
    cipher: FieldCipher,
) -> Response[bytes]:
    """Put a wrong date right, a receipt by the office alone; needs If-Match, for it was read."""
    asked = Correction(data.field, data.value, data.reason, data.decision, data.submission)
    by = _by(request, must_match=True)
    return await _acted(
        request, transactions, lambda tx: correct_date(tx, cipher, reference, asked, by)
    )


@post(f"{ONE}/ratifications", guards=[TO_HAND_IN], **ACTED)
async def ratify(
    reference: str,
    request: ApiRequest,
    data: body.RatificationIn,
    transactions: Transactions,
    cipher: FieldCipher,
) -> Response[bytes]:
    """Record that the chief officers group ratified the review."""
    by = _by(request)
    return await _acted(
        request, transactions, lambda tx: ratify_review(tx, cipher, reference, data.at, by)
    )


@post(f"{ONE}/withdrawals", guards=[TO_HAND_IN], **ACTED)
async def withdraw(
    reference: str,
    request: ApiRequest,
    data: body.EndingIn,
    transactions: Transactions,
    cipher: FieldCipher,
) -> Response[bytes]:
    """Withdraw what turned out not to be notifiable; needs If-Match."""
    by = _by(request, must_match=True)
    return await _acted(
        request,
        transactions,
        lambda tx: withdraw_notification(tx, cipher, reference, data.reason, by),
    )


@post(f"{ONE}/closings", guards=[TO_CLOSE], **ACTED)
async def close(
    reference: str,
    request: ApiRequest,
    data: body.EndingIn,
    transactions: Transactions,
    cipher: FieldCipher,
) -> Response[bytes]:
    """Close a case: nothing new is taken until it is reopened; needs If-Match."""
    by = _by(request, must_match=True)
    return await _acted(
        request, transactions, lambda tx: close_case(tx, cipher, reference, data.reason, by)
    )


@post(f"{ONE}/reopenings", guards=[TO_CLOSE], **ACTED)
async def reopen(
    reference: str,
    request: ApiRequest,
    data: body.EndingIn,
    transactions: Transactions,
    cipher: FieldCipher,
) -> Response[bytes]:
    """Reopen a case that was closed or withdrawn; needs If-Match."""
    by = _by(request, must_match=True)
    return await _acted(
        request, transactions, lambda tx: reopen_case(tx, cipher, reference, data.reason, by)
    )


def _by(request: ApiRequest, *, must_match: bool = False) -> By:
    def permit(version: int) -> None:
        if must_match or "if-match" in request.headers:
            require_match(request, version)

    return By(request.user, utc_now(), permit)


async def _acted(
    request: ApiRequest,
    transactions: Transactions,
    act: Callable[[Transaction], Awaitable[CaseAct]],
) -> Response[bytes]:
    async def done() -> body.CaseActOut:
        return answers.case_act_out(await act(tx))

    async with transactions.begin() as tx:
        return await once(tx, request, done)


ENDING_ROUTES: Sequence[HTTPRouteHandler] = [correct, ratify, withdraw, close, reopen]
