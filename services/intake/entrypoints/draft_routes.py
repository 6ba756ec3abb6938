"""Drafts over HTTP: save, resume, change, throw away, and send."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.handlers import HTTPRouteHandler

from services.intake.domain.draft import Draft
from services.intake.domain.notification import Submission
from services.intake.entrypoints import answers
from services.intake.entrypoints import schemas as body
from services.intake.entrypoints.documented import made
from services.intake.use_cases.begin_draft import begin_draft
from services.intake.use_cases.change_draft import change_draft
from services.intake.use_cases.discard_draft import discard_draft
from services.intake.use_cases.receive_notification import Sender
from services.intake.use_cases.show_drafts import show_draft, show_drafts
from services.intake.use_cases.submit_draft import submit_draft
from shared.access.guards import allow
from shared.access.principal import Principal, Role
from shared.clock import utc_now
from shared.confidential.fields import FieldCipher
from shared.transaction import Transactions
from shared.web.bodies import decode_json
from shared.web.etags import etag, require_match
from shared.web.idempotency import once
from shared.web.pages import Moment, Page, checked_limit, page, place

ApiRequest = Request[Principal, Any, Any]
TO_NOTIFY = allow(Role.NOTIFIER, Role.SUPPORT_OFFICER)
ONE = "/drafts/{draft:str}"


@post(
    "/drafts",
    guards=[TO_NOTIFY],
    status_code=201,
    responses=made(body.DraftOut, "The saved draft"),
)
async def begin(
    request: ApiRequest,
    data: body.DraftIn,
    principal: Principal,
    transactions: Transactions,
    cipher: FieldCipher,
) -> Response[bytes]:
    """Save any part of a notification; only who saved it can read, change or send it."""

    async def save() -> body.DraftOut:
        begun = await begin_draft(tx, cipher, data.said(), principal.subject, utc_now())
        return answers.draft_out(begun)

    async with transactions.begin() as tx:
        return await once(tx, request, save, headers={"ETag": etag(1)})


@get("/drafts", guards=[TO_NOTIFY])
async def list_own(
    principal: Principal,
    transactions: Transactions,
    cipher: FieldCipher,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[body.DraftSummaryOut]:
    """The caller's own drafts, the last saved first."""
    size, before = checked_limit(limit), place(cursor, tuple[Moment, str])
    async with transactions.begin() as tx:
        found = await show_drafts(tx, cipher, principal.subject, before, size + 1)
    return page(
        found,
        size,
        out=answers.draft_summary_out,
        after=lambda draft: (draft.saved_at, draft.id),
    )


@get(ONE, guards=[TO_NOTIFY])
async def resume(
    draft: str, principal: Principal, transactions: Transactions, cipher: FieldCipher
) -> Response[body.DraftOut]:
    """One draft as it was saved last; its ETag goes into the next If-Match."""
    async with transactions.begin() as tx:
        return _answer(await show_draft(tx, cipher, draft, principal.subject))


@put(ONE, guards=[TO_NOTIFY])
async def change(
    draft: str,
    request: ApiRequest,
    data: body.DraftIn,
    principal: Principal,
    transactions: Transactions,
    cipher: FieldCipher,
) -> Response[body.DraftOut]:
    """Save a draft anew, as a whole."""
    owner, permit = principal.subject, _permit(request)
    async with transactions.begin() as tx:
        changed = await change_draft(
            tx, cipher, draft, data.said(), owner=owner, permit=permit, now=utc_now()
        )
    return _answer(changed)


@delete(ONE, guards=[TO_NOTIFY])
async def discard(
    draft: str,
    request: ApiRequest,
    principal: Principal,
    transactions: Transactions,
    cipher: FieldCipher,
) -> None:
    """Throw a draft away."""
    async with transactions.begin() as tx:
        await discard_draft(tx, cipher, draft, owner=principal.subject, permit=_permit(request))


@post(
    f"{ONE}/submit",
    guards=[TO_NOTIFY],
    status_code=201,
    responses=made(body.ReceivedOut, "The notification was received"),
)
async def submit(
    draft: str,
    request: ApiRequest,
    principal: Principal,
    transactions: Transactions,
    cipher: FieldCipher,
) -> Response[bytes]:
    """Send a draft: answered like a notification; a refused one stays a draft."""
    sender = Sender(principal.subject, principal.areas)

    async def send() -> body.ReceivedOut:
        case = await submit_draft(tx, cipher, draft, _read, sender, utc_now())
        return answers.received_out(case)

    async with transactions.begin() as tx:
        return await once(tx, request, send)


def _read(notification: Mapping[str, Any]) -> Submission:
    # Once more as JSON: so that it is refused in the same words as a notification that is posted.
    return decode_json(msgspec.json.encode(notification), body.NotificationIn).submission()


def _permit(request: ApiRequest) -> Callable[[int], None]:
    return lambda version: require_match(request, version)


def _answer(draft: Draft) -> Response[body.DraftOut]:
    return Response(answers.draft_out(draft), headers={"ETag": etag(draft.version)})


DRAFT_ROUTES: Sequence[HTTPRouteHandler] = [begin, list_own, resume, change, discard, submit]
