"""Giving an emergency regime its end, and withdrawing it: each a page with one form."""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from services.console.apis import Apis
from services.console.entrypoints.forms import REFUSALS, own_form, refused
from services.console.entrypoints.regime_routes import DECLARER
from services.console.entrypoints.render import html
from services.console.entrypoints.signed_in import Viewer, page_for
from services.console.use_cases.end_regime import end_regime
from services.console.use_cases.follow_regimes import follow_regime
from services.console.use_cases.withdraw_regime import withdraw_regime
from shared.clock import Clock, london_date
from shared.errors import FieldError

AnyRequest = Request[Any, Any, Any]
Act = Callable[[Apis, str, str, Mapping[str, str]], Awaitable[None]]
ACTS: dict[str, Act] = {"end": end_regime, "withdraw": withdraw_regime}


def regime_ending_routes(apis: Apis, clock: Clock) -> Sequence[HTTPRouteHandler]:
    """Both pages."""
    return [route for act in ACTS for route in _routes_of(act, apis, clock)]


def _routes_of(act: str, apis: Apis, clock: Clock) -> Sequence[HTTPRouteHandler]:
    path = f"/regimes/{{regime:str}}/{act}"

    @get(path, guards=[page_for(DECLARER)], include_in_schema=False)
    async def form(request: AnyRequest, viewer: Viewer, regime: str) -> Response[str]:
        return await _form(request, viewer, regime, {})

    @post(path, guards=[page_for(DECLARER)], include_in_schema=False)
    async def do(request: AnyRequest, viewer: Viewer, regime: str) -> Response[Any]:
        given = await own_form(request)
        try:
            await ACTS[act](apis, viewer.token, regime, given)
        except REFUSALS as refusal:
            return await _form(request, viewer, regime, given, refused(refusal))
        return Redirect(f"/regimes/{quote(regime, safe='')}#history", status_code=303)

    async def _form(
        request: AnyRequest,
        viewer: Viewer,
        regime: str,
        given: Mapping[str, str],
        errors: Sequence[FieldError] = (),
    ) -> Response[str]:
        found = await follow_regime(apis, viewer.token, regime, london_date(clock()))
        told = {"act": act, "form": given, "errors": errors, "key": secrets.token_urlsafe(16)}
        return html(request, "regime_act.html", 422 if errors else 200, found=found, **told)

    return [form, do]
