"""Calendars over HTTP: what they say, what a change would move, and changing them."""

from typing import Annotated, Any

from litestar import Request, Response, get, post, put
from litestar.openapi import ResponseSpec
from litestar.params import QueryParameter

from services.deadlines.domain.calendar import CALENDAR_IDS, FALLBACK
from services.deadlines.domain.calendar_making import differences
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.entrypoints.calendar_answers import (
    CalendarLineOut,
    CalendarOut,
    CorrectionOut,
    DifferenceOut,
    MoveOut,
    PreviewOut,
    VersionOut,
    calendar_line,
    calendar_out,
    correction_out,
    difference_out,
    move_out,
    preview_out,
    version_out,
)
from services.deadlines.entrypoints.calendar_bodies import (
    CalendarIn,
    CalendarPreviewIn,
    import_asked,
    known_calendar,
    require_may_change,
)
from services.deadlines.storage.calendars import (
    calendar_of,
    find_version,
    read_newest,
    version_rows,
)
from services.deadlines.storage.corrections import find_correction, list_moves
from services.deadlines.storage.lone_cases import count_failed
from services.deadlines.use_cases.change_calendar import (
    change_calendar,
    in_force_alone,
    propose,
    version_of,
)
from services.deadlines.use_cases.preview_correction import preview_correction
from shared.access.guards import allow, allow_case_readers, allow_signed_in
from shared.access.principal import Principal, Role
from shared.clock import utc_now
from shared.errors import NotFound
from shared.transaction import Transaction, Transactions
from shared.web.etags import etag, require_match
from shared.web.pages import Page, Paging, Position, checked_limit, page, place

CORRECTORS = allow(Role.SUPPORT_OFFICER, Role.CHIEF_INSPECTOR)
MOST_MOVES_SHOWN = 100
LAST_VERSION = 2**31 - 1

EarlierVersion = Annotated[int, QueryParameter(name="from", ge=1, le=LAST_VERSION)]
LaterVersion = Annotated[int, QueryParameter(name="to", ge=1, le=LAST_VERSION)]
OneVersion = Annotated[int | None, QueryParameter(ge=1, le=LAST_VERSION)]


@get("/calendars", guards=[allow_signed_in])
async def get_calendars(transactions: Transactions, rulebook: Rulebook) -> Page[CalendarLineOut]:
    """Scotland's calendar and each council area's, with the version in force of each."""
    async with transactions.begin() as tx:
        held = (await read_newest(tx.session, rulebook.shelf)).by_id
    return Page([calendar_line(one, held.get(one)) for one in CALENDAR_IDS], None)


@get(
    "/calendars/{calendar_id:str}",
    guards=[allow_signed_in],
    responses={200: ResponseSpec(CalendarOut, description="The version asked for, or in force")},
)
async def get_calendar(
    transactions: Transactions, rulebook: Rulebook, calendar_id: str, version: OneVersion = None
) -> Response[Any]:
    """One calendar; where an area has none of its own, what it follows, under the tag `"0"`."""
    async with transactions.begin() as tx:
        held = (await read_newest(tx.session, rulebook.shelf)).by_id
        own = held.get(known_calendar(calendar_id))
        if version is not None:
            own = calendar_of(await _version(tx, calendar_id, version))
    tag = etag(int(own.version) if own else 0)
    return Response(calendar_out(own or held[FALLBACK]), headers={"ETag": tag})


@get("/calendars/{calendar_id:str}/versions", guards=[allow_signed_in])
async def get_versions(
    transactions: Transactions,
    calendar_id: str,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[VersionOut]:
    """Who made each version, from what and why; the newest first."""
    start, size = place(cursor, tuple[Position]), checked_limit(limit)
    before = min(start[0], LAST_VERSION) if start else LAST_VERSION
    async with transactions.begin() as tx:
        found = await version_rows(tx.session, known_calendar(calendar_id), before, size + 1)
    return page(found, size, out=version_out, after=lambda row: (row.version,))


@get("/calendars/{calendar_id:str}/differences", guards=[allow_signed_in])
async def get_differences(
    transactions: Transactions,
    calendar_id: str,
    earlier: EarlierVersion,
    later: LaterVersion,
) -> DifferenceOut:
    """What one version has that another has not."""
    async with transactions.begin() as tx:
        before = calendar_of(await _version(tx, calendar_id, earlier))
        after = calendar_of(await _version(tx, calendar_id, later))
    return difference_out(differences(before, after))


@post("/calendars/{calendar_id:str}/previews", guards=[CORRECTORS], status_code=200)
async def post_calendar_preview(
    transactions: Transactions,
    rulebook: Rulebook,
    principal: Principal,
    calendar_id: str,
    data: CalendarPreviewIn,
) -> PreviewOut:
    """Which open clocks a change would move and by how much; nothing is changed."""
    require_may_change(principal, known_calendar(calendar_id))
    wanted = import_asked(calendar_id, data)
    async with transactions.begin() as tx:
        await read_newest(tx.session, rulebook.shelf)
        proposal = propose(rulebook, wanted)
        found = await preview_correction(tx, rulebook, proposal, utc_now(), MOST_MOVES_SHOWN)
    return preview_out(proposal.difference, found)


@put(
    "/calendars/{calendar_id:str}",
    guards=[CORRECTORS],
    responses={200: ResponseSpec(CorrectionOut, description="The correction that now begins")},
)
async def put_calendar(
    request: Request[Principal, Any, Any],
    transactions: Transactions,
    rulebook: Rulebook,
    principal: Principal,
    calendar_id: str,
    data: CalendarIn,
) -> Response[Any]:
    """Bring a new version into force; its open clocks are moved on in the background."""
    require_may_change(principal, known_calendar(calendar_id))
    wanted = import_asked(calendar_id, data)
    async with transactions.begin() as tx:
        await in_force_alone(tx, rulebook)
        require_match(request, version_of(rulebook, calendar_id))
        correction = await change_calendar(
            tx, rulebook, wanted, data.reason, principal.subject, utc_now()
        )
    return Response(correction_out(correction), headers={"ETag": etag(correction.version)})


@get("/calendars/{calendar_id:str}/corrections/{version:int}", guards=[allow_signed_in])
async def get_correction(
    transactions: Transactions, calendar_id: str, version: int
) -> CorrectionOut:
    """How far open clocks have been moved on to a version."""
    async with transactions.begin() as tx:
        found = await _correction(tx, calendar_id, version)
        return correction_out(found, await count_failed(tx.session, found.id))


@get("/calendars/{calendar_id:str}/corrections/{version:int}/moves", guards=[allow_case_readers])
async def get_moves(
    transactions: Transactions,
    principal: Principal,
    paging: Paging,
    calendar_id: str,
    version: int,
) -> Page[MoveOut]:
    """What a correction moved, before and after, in the areas the caller may see."""
    async with transactions.begin() as tx:
        correction = await _correction(tx, calendar_id, version)
        found = await list_moves(
            tx.session, correction.id, principal.areas, paging.after, paging.fetch
        )
    return page(found, paging.limit, out=move_out, after=lambda row: (row.clock_id,))


async def _version(tx: Transaction, calendar_id: str, version: int) -> Any:
    found = await find_version(tx.session, known_calendar(calendar_id), version)
    if found is None:
        raise NotFound("There is no such version of this calendar.")
    return found


async def _correction(tx: Transaction, calendar_id: str, version: int) -> Any:
    asked = version if 0 < version <= LAST_VERSION else 0
    found = await find_correction(tx.session, known_calendar(calendar_id), asked)
    if found is None:
        raise NotFound("There is no such correction of this calendar.")
    return found


CALENDAR_ROUTES = (
    get_calendars,
    get_calendar,
    get_versions,
    get_differences,
    post_calendar_preview,
    put_calendar,
    get_correction,
    get_moves,
)
