"""Calendar feeds over HTTP: made and revoked by people, read by their calendar programs."""

from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any, Literal

from litestar import Request, Response, get, post
from litestar.openapi import ResponseSpec
from litestar.params import HeaderParameter
from msgspec import Meta, Struct

from services.deadlines.domain.feed import Scope
from services.deadlines.outside.feed_ics import as_ics
from services.deadlines.settings import Settings
from services.deadlines.storage.feed_tables import FeedRow
from services.deadlines.storage.feeds import feeds_of
from services.deadlines.use_cases.make_feed import MadeFeed, make_feed
from services.deadlines.use_cases.revoke_feed import revoke_feed
from services.deadlines.use_cases.show_feed import TooOften, show_feed
from shared.access.guards import allow, anonymous
from shared.access.principal import CASE_READERS, Principal, Role
from shared.areas import COUNCIL_AREAS
from shared.clock import utc_now
from shared.errors import FieldError, Invalid, NotFound
from shared.transaction import Transactions
from shared.web.pages import Page, Paging, page

OWNERS = allow(*(CASE_READERS - {Role.SERVICE}))
CALENDAR = "text/calendar; charset=utf-8"
LONGEST_SECRET = 200

Secret = Annotated[
    str | None,
    HeaderParameter(name="X-Feed-Secret", description="the secret part of the feed's address"),
]


class FeedIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`areas`: none for a person's feed, one for an area's, some for a team's."""

    scope: Literal["person", "area", "team"]
    name: Annotated[str, Meta(min_length=1, max_length=100)]
    areas: list[str] = []


class FeedOut(Struct, frozen=True, kw_only=True):
    """One feed; its address is told once, when it is made."""

    id: str
    scope: str
    name: str
    areas: list[str]
    made_at: datetime
    revoked_at: datetime | None


class MadeFeedOut(FeedOut, frozen=True, kw_only=True):
    """With the address that a calendar program subscribes to: whoever has it can read the feed."""

    address: str


@post(
    "/feeds",
    guards=[OWNERS],
    responses={201: ResponseSpec(MadeFeedOut, description="The feed, with its address")},
)
async def post_feed(
    transactions: Transactions, principal: Principal, settings: Settings, data: FeedIn
) -> Response[Any]:
    """Make an address for a calendar program; asking twice makes two, as none is kept to repeat."""
    _check_areas(principal, data)
    async with transactions.begin() as tx:
        made = await make_feed(
            tx, principal, Scope(data.scope), data.name, sorted(set(data.areas)), utc_now()
        )
    return Response(_made_out(made, settings.console_url), status_code=201)


@get("/feeds", guards=[OWNERS])
async def get_feeds(
    transactions: Transactions, principal: Principal, paging: Paging, everybodys: bool = False
) -> Page[FeedOut]:
    """The caller's feeds; for the chief inspector everybody's, if asked for."""
    owner = None if everybodys and principal.has(Role.CHIEF_INSPECTOR) else principal.subject
    async with transactions.begin() as tx:
        found = await feeds_of(tx.session, owner, paging.after, paging.fetch)
    return page(found, paging.limit, out=feed_out, after=lambda row: (row.id,))


@post("/feeds/{feed_id:str}/revocations", guards=[OWNERS], status_code=200)
async def post_revocation(
    transactions: Transactions, principal: Principal, feed_id: str
) -> FeedOut:
    """Its address is read no more, from now on and for good."""
    async with transactions.begin() as tx:
        return feed_out(await revoke_feed(tx, feed_id, principal, utc_now()))


@get(
    "/feeds/calendar",
    guards=[anonymous],
    responses={200: ResponseSpec(bytes, description="The feed as iCalendar")},
)
async def get_feed(
    request: Request[Any, Any, Any],
    transactions: Transactions,
    settings: Settings,
    secret: Secret = None,
) -> Response[Any]:
    """What the console's `/calendar-feeds/{secret}.ics` answers; 304 while it says the same."""
    if not secret or len(secret) > LONGEST_SECRET:
        raise NotFound("There is no such feed.")
    async with transactions.begin() as tx:
        shown = await show_feed(tx, secret, utc_now())
    if shown is None:
        raise TooOften("Read it once an hour; it changes a few times a day.")
    content = as_ics(shown.name, shown.entries, settings.console_url)
    tag = f'"{sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, max-age=900"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers)
    return Response(content, media_type=CALENDAR, headers=headers)


def feed_out(feed: FeedRow) -> FeedOut:
    """One feed."""
    return FeedOut(**_told(feed))


def _made_out(made: MadeFeed, console_url: str) -> MadeFeedOut:
    address = f"{console_url.rstrip('/')}/calendar-feeds/{made.secret}.ics"
    return MadeFeedOut(address=address, **_told(made.feed))


def _told(feed: FeedRow) -> dict[str, Any]:
    return {
        "id": feed.id,
        "scope": feed.scope,
        "name": feed.name,
        "areas": feed.areas,
        "made_at": feed.made_at,
        "revoked_at": feed.revoked_at,
    }


def _check_areas(principal: Principal, data: FeedIn) -> None:
    number = len(set(data.areas))
    wanted = {"person": number == 0, "area": number == 1, "team": number >= 1}
    if not wanted[data.scope]:
        said = "must be empty for a person, one area for an area, and some for a team"
        raise Invalid(FieldError("areas", said))
    for place, area in enumerate(data.areas):
        if area not in COUNCIL_AREAS:
            said = "must be the GSS code of a council area, such as S12000047"
            raise Invalid(FieldError(f"areas[{place}]", said))
        principal.require_area(area, "area")


FEED_ROUTES = (post_feed, get_feeds, get_feed, post_revocation)
