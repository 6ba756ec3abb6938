"""Traces, health and parked messages: the pages of those who keep the system running."""

import secrets
from collections.abc import Sequence
from typing import Any, Literal

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from services.console.apis import Apis
from services.console.domain.search import WINDOWS, read_search
from services.console.entrypoints.forms import asked, own_form
from services.console.entrypoints.places import HEALTH, PARKED, TRACES
from services.console.entrypoints.render import html
from services.console.entrypoints.signed_in import Viewer, page_for
from services.console.entrypoints.trace_view import trace_view
from services.console.use_cases.ask_chain import ask_chain
from services.console.use_cases.decide_parked import discard, list_parked, redrive, show_parked
from services.console.use_cases.find_traces import find_traces
from services.console.use_cases.name_people import names_of
from services.console.use_cases.show_trace import show_trace
from shared.access.principal import Role
from shared.clock import Clock
from shared.database import Database
from shared.errors import Invalid, NotFound

AnyRequest = Request[Any, Any, Any]
_HEX = frozenset("0123456789abcdef")


def trace_routes(database: Database, clock: Clock) -> Sequence[HTTPRouteHandler]:
    """Search, and one trace."""

    @get("/traces", guards=[TRACES.access], include_in_schema=False)
    async def traces(request: AnyRequest) -> Response[str]:
        given = asked(request)
        search, errors = read_search(given)
        async with database.session() as session:
            found = await find_traces(session, search, clock())
        return html(
            request,
            "traces.html",
            search=search,
            found=found,
            errors=errors,
            windows=WINDOWS,
            min_ms=given.get("min_ms", ""),
        )

    @get("/traces/{trace_id:str}", guards=[TRACES.access], include_in_schema=False)
    async def trace(
        request: AnyRequest, trace_id: str, sql: Literal["show", "hide"] = "show"
    ) -> Response[str]:
        if len(trace_id) != 32 or not _HEX.issuperset(trace_id):
            raise NotFound("A trace id is 32 digits from 0 to 9 and a to f.")
        async with database.session() as session:
            found = await show_trace(session, trace_id)
        return html(request, "trace.html", view=trace_view(found, hide_sql=sql == "hide"))

    return [traces, trace]


def health_routes(apis: Apis) -> Sequence[HTTPRouteHandler]:
    """How the chain is."""

    @get("/health", guards=[HEALTH.access], include_in_schema=False)
    async def health(request: AnyRequest, viewer: Viewer) -> Response[str]:
        return html(request, "health.html", links=await ask_chain(apis, viewer.token))

    return [health]


def parked_routes(apis: Apis) -> Sequence[HTTPRouteHandler]:
    """Parked messages; only operators decide about them."""

    @get("/parked", guards=[PARKED.access], include_in_schema=False)
    async def parked(request: AnyRequest, viewer: Viewer, settled: bool = False) -> Response[str]:
        found = await list_parked(apis, viewer.token, settled=settled)
        return html(request, "parked.html", places_parked=found, settled=settled)

    @get("/parked/{service:str}/{parked_id:str}", guards=[PARKED.access], include_in_schema=False)
    async def one(
        request: AnyRequest, viewer: Viewer, service: str, parked_id: str, tried: int | None = None
    ) -> Response[str]:
        return await _one(request, viewer, service, parked_id, tried=tried)

    @post(
        "/parked/{service:str}/{parked_id:str}/redrive",
        guards=[page_for(Role.OPERATOR)],
        include_in_schema=False,
    )
    async def again(request: AnyRequest, viewer: Viewer, service: str, parked_id: str) -> Redirect:
        await own_form(request)
        effects = await redrive(apis, service, parked_id, viewer.token)
        return Redirect(f"/parked/{service}/{parked_id}?tried={effects}", status_code=303)

    @post(
        "/parked/{service:str}/{parked_id:str}/discard",
        guards=[page_for(Role.OPERATOR)],
        include_in_schema=False,
    )
    async def give_up(
        request: AnyRequest, viewer: Viewer, service: str, parked_id: str
    ) -> Response[Any]:
        form = await own_form(request)
        reason, key = form.get("reason", ""), form.get("key", "")
        try:
            await discard(apis, service, parked_id, viewer.token, reason, key)
        except Invalid as refusal:
            said = {"reason": reason, "errors": refusal.errors}
            return await _one(request, viewer, service, parked_id, status=422, **said)
        return Redirect(f"/parked/{service}/{parked_id}", status_code=303)

    async def _one(
        request: AnyRequest,
        viewer: Viewer,
        service: str,
        parked_id: str,
        status: int = 200,
        **said: Any,
    ) -> Response[str]:
        found = await show_parked(apis, service, parked_id, viewer.token)
        told = {"tried": None, "reason": "", "errors": ()} | said
        names = await names_of(apis, viewer.token, [found["parked"]["settled_by"]])
        may_decide = viewer.principal.has(Role.OPERATOR)
        return html(
            request,
            "parked_message.html",
            status,
            service=service,
            found=found,
            names=names,
            may_decide=may_decide,
            key=secrets.token_urlsafe(16),
            **told,
        )

    return [parked, one, again, give_up]
