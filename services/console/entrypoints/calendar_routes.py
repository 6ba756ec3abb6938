"""Calendars and calendar feeds."""

import re
from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from services.console.apis import Apis
from services.console.entrypoints.forms import REFUSALS, own_form
from services.console.entrypoints.places import CALENDARS, FEEDS
from services.console.entrypoints.render import html
from services.console.entrypoints.signed_in import Viewer, page_for, page_for_all
from services.console.use_cases.change_calendars import (
    change_calendar,
    list_calendars,
    show_calendar,
    try_change,
)
from services.console.use_cases.keep_feeds import list_feeds, make_feed, read_feed, revoke_feed
from services.console.use_cases.name_people import names_of
from shared.access.principal import Role
from shared.areas import COUNCIL_AREAS
from shared.clock import london_date, utc_now
from shared.errors import FieldError, Invalid, NotFound, Refused

AnyRequest = Request[Any, Any, Any]
# What a form says before anybody has filled it in.
EMPTY = dict.fromkeys(("days", "mode", "reason", "name", "scope", "areas"), "")
CORRECTORS = (Role.SUPPORT_OFFICER, Role.CHIEF_INSPECTOR)
# Anything else was never given out, and could not be sent on in a header either.
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,200}")


def calendar_routes(apis: Apis) -> Sequence[HTTPRouteHandler]:
    """The list, one calendar, and changing it once it has been tried out."""

    @get("/calendars", guards=[CALENDARS.access], include_in_schema=False)
    async def calendars(request: AnyRequest, viewer: Viewer) -> Response[str]:
        found = await list_calendars(apis, viewer.token)
        return html(request, "calendars.html", calendars=found)

    @get("/calendars/{calendar:str}", guards=[CALENDARS.access], include_in_schema=False)
    async def calendar(
        request: AnyRequest, viewer: Viewer, calendar: str, year: int | None = None
    ) -> Response[str]:
        return await _calendar(request, viewer, calendar, year=year)

    @post("/calendars/{calendar:str}", guards=[page_for(*CORRECTORS)], include_in_schema=False)
    async def change(request: AnyRequest, viewer: Viewer, calendar: str) -> Response[Any]:
        form = await own_form(request)
        try:
            if form.get("do") != "change":
                tried = await try_change(apis, viewer.token, calendar, form)
                return await _calendar(request, viewer, calendar, form=form, tried=tried)
            await change_calendar(apis, viewer.token, calendar, form)
        except REFUSALS as refusal:
            said = {"form": form, "errors": _errors(refusal)}
            return await _calendar(request, viewer, calendar, refusal.status, **said)
        return Redirect(f"/calendars/{calendar}", status_code=303)

    async def _calendar(
        request: AnyRequest, viewer: Viewer, calendar: str, status: int = 200, **said: Any
    ) -> Response[str]:
        shown = await show_calendar(apis, viewer.token, calendar)
        told = {"form": {}, "tried": None, "errors": (), "year": None} | said
        told |= {"form": EMPTY | told["form"], "this_year": london_date(utc_now()).year}
        told |= {"may_change": viewer.principal.has(*CORRECTORS), "shown": shown}
        makers = (one["made_by"] for one in shown.versions)
        told |= {"names": await names_of(apis, viewer.token, makers)}
        return html(request, "calendar.html", status, areas=COUNCIL_AREAS, **told)

    return [calendars, calendar, change]


def feed_routes(apis: Apis) -> Sequence[HTTPRouteHandler]:
    """One's own feeds, and what calendar programs read."""

    @get("/feeds", guards=[FEEDS.access], include_in_schema=False)
    async def feeds(request: AnyRequest, viewer: Viewer) -> Response[str]:
        return await _feeds(request, viewer)

    @post("/feeds", guards=[FEEDS.access], include_in_schema=False)
    async def make(request: AnyRequest, viewer: Viewer) -> Response[str]:
        form = await own_form(request)
        try:
            made = await make_feed(apis, viewer.token, form)
        except (Invalid, NotFound) as refusal:
            said = {"form": form, "errors": _errors(refusal, "areas")}
            return await _feeds(request, viewer, 422, **said)
        return await _feeds(request, viewer, made=made)

    @post("/feeds/{feed:str}/revoke", guards=[FEEDS.access], include_in_schema=False)
    async def revoke(request: AnyRequest, viewer: Viewer, feed: str) -> Redirect:
        await own_form(request)
        await revoke_feed(apis, viewer.token, feed)
        return Redirect("/feeds", status_code=303)

    @get("/calendar-feeds/{name:str}", guards=[page_for_all], include_in_schema=False)
    async def program(request: AnyRequest, name: str) -> Response[bytes]:
        secret, known = name.removesuffix(".ics"), request.headers.get("if-none-match")
        if not _SECRET.fullmatch(secret):
            raise NotFound("There is no such calendar.")
        found = await read_feed(apis, secret, known if known and known.isascii() else None)
        headers = {"ETag": found.tag, "Cache-Control": "private, max-age=900"}
        return Response(
            found.content, status_code=found.status, media_type=found.media_type, headers=headers
        )

    async def _feeds(
        request: AnyRequest, viewer: Viewer, status: int = 200, **said: Any
    ) -> Response[str]:
        told = {"form": {}, "made": None, "errors": ()} | said
        told |= {"form": EMPTY | told["form"]}
        found = await list_feeds(apis, viewer.token)
        return html(request, "feeds.html", status, feeds=found, areas=COUNCIL_AREAS, **told)

    return [feeds, make, revoke, program]


def _errors(refusal: Refused, field: str = "days") -> tuple[FieldError, ...]:
    """What is wrong, each with the line of the file that it is about."""
    named = ("reason", "mode", "name", "scope", "areas")
    return tuple(
        one if one.field.split("[")[0] in named else FieldError(field, f"{one.field}: {one.rule}")
        for one in refusal.errors
    ) or (FieldError(field, refusal.detail),)
