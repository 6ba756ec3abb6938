"""What is added to a case over HTTP: reports, addenda, decisions, reviews; and its attachments."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream

from services.intake.domain.case import Finding
from services.intake.entrypoints import answers
from services.intake.entrypoints import schemas as body
from services.intake.entrypoints.documented import (
    BYTES,
    AddendumForm,
    FileOperation,
    ReportForm,
    made,
)
from services.intake.entrypoints.handed_in import stored_form, without_copies
from services.intake.use_cases.add_addendum import add_addendum
from services.intake.use_cases.open_attachment import open_attachment
from services.intake.use_cases.record_decision import record_decision
from services.intake.use_cases.review_submission import review_submission
from services.intake.use_cases.submit_report import HandedIn, submit_report
from shared.access.guards import allow
from shared.access.principal import Principal, Role
from shared.clock import utc_now
from shared.confidential.fields import FieldCipher
from shared.files import Files
from shared.transaction import Transactions
from shared.web.idempotency import once

ApiRequest = Request[Principal, Any, Any]
# Each attachment is limited while it is stored, so the whole body is not.
A_FORM: Any = {"status_code": 201, "request_max_body_size": None}
TO_HAND_IN = allow(Role.NOTIFIER, Role.SUPPORT_OFFICER)
TO_REVIEW = allow(Role.STRATEGIC_INSPECTOR, Role.CHIEF_INSPECTOR)
TO_READ_FILES = allow(
    Role.NOTIFIER,
    Role.STRATEGIC_INSPECTOR,
    Role.SUPPORT_OFFICER,
    Role.CHIEF_INSPECTOR,
    Role.AUDITOR,
)


@post(
    "/notifications/{reference:str}/reports",
    guards=[TO_HAND_IN],
    operation_class=ReportForm,
    responses=made(body.SubmissionOut, "What was handed in"),
    **A_FORM,
)
async def hand_in_report(
    reference: str,
    request: ApiRequest,
    principal: Principal,
    transactions: Transactions,
    cipher: FieldCipher,
    files: Files,
) -> Response[bytes]:
    """Hand in a report or review: multipart with `stage`, attachments and perhaps `late_reason`."""
    async with stored_form(request, files) as form:

        async def submit() -> body.SubmissionOut:
            stage, late_reason = form.required("stage"), form.optional("late_reason")
            handed_in = HandedIn(stage, form.files, late_reason)
            given = await submit_report(tx, cipher, reference, handed_in, principal, utc_now())
            return answers.submission_out(given)

        async with transactions.begin() as tx:
            answer = await once(tx, request, submit, digest=form.digest)
        return await without_copies(answer, files, form)


@post(
    "/notifications/{reference:str}/addenda",
    guards=[TO_HAND_IN],
    operation_class=AddendumForm,
    responses=made(body.SubmissionOut, "The addendum"),
    **A_FORM,
)
async def hand_in_addendum(
    reference: str,
    request: ApiRequest,
    principal: Principal,
    transactions: Transactions,
    cipher: FieldCipher,
    files: Files,
) -> Response[bytes]:
    """Correct what was handed in: multipart with `submission`, the id it corrects, and files."""
    async with stored_form(request, files) as form:

        async def add() -> body.SubmissionOut:
            corrected, late_reason = form.required("submission"), form.optional("late_reason")
            handed_in = HandedIn(corrected, form.files, late_reason)
            given = await add_addendum(tx, cipher, reference, handed_in, principal, utc_now())
            return answers.submission_out(given)

        async with transactions.begin() as tx:
            answer = await once(tx, request, add, digest=form.digest)
        return await without_copies(answer, files, form)


@post(
    "/notifications/{reference:str}/decisions",
    guards=[TO_HAND_IN],
    status_code=201,
    responses=made(body.DecisionOut, "The recorded decision"),
)
async def decide(
    reference: str,
    request: ApiRequest,
    data: body.DecisionIn,
    principal: Principal,
    transactions: Transactions,
) -> Response[bytes]:
    """Record whether a learning review is undertaken."""

    async def record() -> body.DecisionOut:
        given = await record_decision(tx, reference, data.decision, data.at, principal, utc_now())
        return answers.decision_out(given)

    async with transactions.begin() as tx:
        return await once(tx, request, record)


@post(
    "/notifications/{reference:str}/reviews",
    guards=[TO_REVIEW],
    status_code=201,
    responses=made(body.ReviewOut, "The recorded review"),
)
async def review(
    reference: str,
    request: ApiRequest,
    data: body.ReviewIn,
    principal: Principal,
    transactions: Transactions,
    cipher: FieldCipher,
) -> Response[bytes]:
    """Record what an inspector found on reading a submission."""
    finding = Finding(data.submission, data.outcome, data.feedback)

    async def record() -> body.ReviewOut:
        given = await review_submission(tx, cipher, reference, finding, principal, utc_now())
        return answers.review_out(given)

    async with transactions.begin() as tx:
        return await once(tx, request, record)


@get(
    "/notifications/{reference:str}/attachments/{attachment:str}",
    guards=[TO_READ_FILES],
    operation_class=FileOperation,
)
async def download(
    reference: str,
    attachment: str,
    principal: Principal,
    transactions: Transactions,
    cipher: FieldCipher,
    files: Files,
) -> Stream:
    """One attachment as it was handed in; the reading of it is recorded."""
    async with transactions.begin() as tx:
        found = await open_attachment(tx, cipher, reference, attachment, principal, utc_now())
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name, safe='')}",
        "Content-Length": str(found.size),
    }
    # Never the sender's own content type: a browser must save it, not show it.
    return Stream(files.get(found.id), media_type=BYTES, headers=headers)


CASE_ROUTES: Sequence[HTTPRouteHandler] = [
    hand_in_report,
    hand_in_addendum,
    decide,
    review,
    download,
]
