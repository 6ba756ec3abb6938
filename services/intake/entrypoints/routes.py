"""Intake over HTTP: validate, open the transaction, call one use case."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler

from services.intake.domain.kinds import kinds
from services.intake.entrypoints import answers
from services.intake.entrypoints import schemas as body
from services.intake.entrypoints.case_filter import case_filter
from services.intake.entrypoints.documented import made
from services.intake.storage.notifications import CaseFilter
from services.intake.use_cases.list_notifications import list_notifications
from services.intake.use_cases.receive_notification import Sender, receive_notification
from services.intake.use_cases.show_notification import show_notification
from services.intake.use_cases.show_timeline import show_timeline
from shared.access.guards import allow, allow_case_readers, allow_signed_in
from shared.access.principal import Principal, Role
from shared.clock import london_date, utc_now
from shared.confidential.fields import FieldCipher
from shared.transaction import Transactions
from shared.web.etags import etag
from shared.web.idempotency import written_once
from shared.web.pages import Moment, Page, Position, checked_limit, page, place

ApiRequest = Request[Principal, Any, Any]
TO_NOTIFY = allow(Role.NOTIFIER, Role.SUPPORT_OFFICER)


@get("/kinds", guards=[allow_signed_in])
async def list_kinds(on: date | None = None) -> list[body.KindOut]:
    """What may be notified on a date (today by default), what it needs, and why one is not."""
    day = on or london_date(utc_now())
    return [answers.kind_out(kind, day) for kind in kinds().values()]


@post(
    "/notifications",
    guards=[TO_NOTIFY],
    status_code=201,
    responses=made(body.ReceivedOut, "The notification was received"),
)
async def notify(
    request: ApiRequest,
    data: body.NotificationIn,
    principal: Principal,
    transactions: Transactions,
    cipher: FieldCipher,
) -> Response[bytes]:
    """Notify a death, a review or an incident; the answer's reference is final."""
    sender = Sender(principal.subject, principal.areas)

    async def receive() -> body.ReceivedOut:
        case = await receive_notification(tx, cipher, data.submission(), sender, utc_now())
        return answers.received_out(case)

    async with transactions.begin() as tx:
        return await written_once(tx, request, receive)


@get("/notifications", guards=[allow_case_readers], dependencies={"wanted": Provide(case_filter)})
async def list_all(
    principal: Principal,
    transactions: Transactions,
    wanted: CaseFilter,
    area: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[body.SummaryOut]:
    """The notifications the caller may see, newest first."""
    size, before = checked_limit(limit), place(cursor, tuple[Moment, str])
    async with transactions.begin() as tx:
        found = await list_notifications(tx, principal, area, wanted, before, size + 1)
    return page(
        found,
        size,
        out=answers.summary_out,
        after=lambda case: (case.received_at, case.id),
    )


@get("/notifications/{reference:str}", guards=[allow_case_readers])
async def show(
    reference: str, principal: Principal, transactions: Transactions, cipher: FieldCipher
) -> Response[body.NotificationOut]:
    """One notification with everything handed in; the reading of it is recorded."""
    async with transactions.begin() as tx:
        found = await show_notification(tx, cipher, reference, principal, utc_now())
    headers = {"ETag": etag(found.case.version)}
    return Response(answers.notification_out(found), headers=headers)


@get("/notifications/{reference:str}/timeline", guards=[allow_case_readers])
async def timeline(
    reference: str,
    principal: Principal,
    transactions: Transactions,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[body.HappeningOut]:
    """Everything that happened, from all services, in order."""
    size, after = checked_limit(limit), place(cursor, tuple[Moment, Position])
    async with transactions.begin() as tx:
        found = await show_timeline(tx, reference, principal, after, size + 1)
    return page(
        found,
        size,
        out=lambda line: answers.happening_out(line[1]),
        after=lambda line: (line[1].at, line[0]),
    )


ROUTES: Sequence[HTTPRouteHandler] = [list_kinds, notify, list_all, show, timeline]
