"""Ending and withdrawing an emergency regime: the form, what would change, and then the act."""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from services.console.apis import Apis
from services.console.domain.regime_effect import Foreseen
from services.console.entrypoints.forms import REFUSALS, own_form, refused
from services.console.entrypoints.regime_routes import DECLARER
from services.console.entrypoints.render import html
from services.console.entrypoints.signed_in import Viewer, page_for
from services.console.use_cases.end_regime import end_regime, foresee_ending
from services.console.use_cases.follow_regimes import follow_regime
from services.console.use_cases.withdraw_regime import foresee_withdrawal, withdraw_regime
from shared.areas import COUNCIL_AREAS
from shared.clock import Clock, london_date
from shared.errors import FieldError

AnyRequest = Request[Any, Any, Any]
Form = Mapping[str, str]


class Steps(NamedTuple):
    """What is looked at first, and what is then done."""

    foresee: Callable[[Apis, str, str, Form], Awaitable[Foreseen]]
    do: Callable[[Apis, str, str, Form], Awaitable[None]]


ACTS = {
    "end": Steps(foresee_ending, end_regime),
    "withdraw": Steps(foresee_withdrawal, withdraw_regime),
}


def regime_ending_routes(apis: Apis, clock: Clock) -> Sequence[HTTPRouteHandler]:
    """Both pages, and each of their steps."""
    return [route for act in ACTS for route in _routes_of(act, apis, clock)]


def _routes_of(act: str, apis: Apis, clock: Clock) -> Sequence[HTTPRouteHandler]:
    path, steps = f"/regimes/{{regime:str}}/{act}", ACTS[act]

    @get(path, guards=[page_for(DECLARER)], include_in_schema=False)
    async def form(request: AnyRequest, viewer: Viewer, regime: str) -> Response[str]:
        return await _form(request, viewer, regime, {})

    @post(path, guards=[page_for(DECLARER)], include_in_schema=False)
    async def step(request: AnyRequest, viewer: Viewer, regime: str) -> Response[Any]:
        given = await own_form(request)
        if given.get("do") == "edit":
            return await _form(request, viewer, regime, given)
        try:
            if given.get("do") != act:
                return await _preview(request, viewer, regime, given)
            await steps.do(apis, viewer.token, regime, given)
        except REFUSALS as refusal:
            return await _form(request, viewer, regime, given, refused(refusal))
        return Redirect(f"/regimes/{quote(regime, safe='')}#history", status_code=303)

    async def _form(
        request: AnyRequest,
        viewer: Viewer,
        regime: str,
        given: Form,
        errors: Sequence[FieldError] = (),
    ) -> Response[str]:
        found = await follow_regime(apis, viewer.token, regime, london_date(clock()))
        told = {"act": act, "form": given, "errors": errors}
        return html(request, "regime_act.html", 422 if errors else 200, found=found, **told)

    async def _preview(
        request: AnyRequest, viewer: Viewer, regime: str, given: Form
    ) -> Response[str]:
        seen = await steps.foresee(apis, viewer.token, regime, given)
        found = await follow_regime(apis, viewer.token, regime, london_date(clock()))
        told = {"act": act, "found": found, "seen": seen, "form": {**given, "tag": seen.tag}}
        told |= {"areas": COUNCIL_AREAS, "key": secrets.token_urlsafe(16)}
        return html(request, "regime_act_preview.html", **told)

    return [form, step]
