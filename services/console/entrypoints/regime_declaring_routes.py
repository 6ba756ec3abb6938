"""Declaring an emergency regime: the form, what it would touch, and then the act."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from services.console.apis import Apis
from services.console.domain.regime_form import RegimeForm, offers, read_regime
from services.console.entrypoints.forms import own_form
from services.console.entrypoints.regime_routes import DECLARER
from services.console.entrypoints.render import html
from services.console.entrypoints.signed_in import Viewer, page_for
from services.console.use_cases.ask_what_if import known_rules
from services.console.use_cases.declare_regime import declare_regime, foresee_regime
from shared.areas import COUNCIL_AREAS
from shared.errors import FieldError, Invalid

AnyRequest = Request[Any, Any, Any]
PATH = "/regimes/declare"


def regime_declaring_routes(apis: Apis) -> Sequence[HTTPRouteHandler]:
    """The form, and each of its steps."""

    @get(PATH, guards=[page_for(DECLARER)], include_in_schema=False)
    async def form(request: AnyRequest, viewer: Viewer) -> Response[str]:
        return await _form(request, viewer, {})

    @post(PATH, guards=[page_for(DECLARER)], include_in_schema=False)
    async def declare(request: AnyRequest, viewer: Viewer) -> Response[Any]:
        given = await own_form(request)
        if given.get("do") == "edit":
            return await _form(request, viewer, given)
        asked = read_regime(given)
        try:
            if given.get("do") != "declare":
                return await _preview(request, viewer, asked)
            made = await declare_regime(apis, viewer.token, asked, given.get("key"))
        except Invalid as refusal:
            return await _form(request, viewer, given, refusal.errors)
        return Redirect(f"/regimes/{quote(made['id'], safe='')}", status_code=303)

    async def _form(
        request: AnyRequest,
        viewer: Viewer,
        given: Mapping[str, str],
        errors: Sequence[FieldError] = (),
    ) -> Response[str]:
        rules = await known_rules(apis, viewer.token)
        return html(
            request,
            "regime_declare.html",
            422 if errors else 200,
            form=given,
            errors=errors,
            kinds=list(dict.fromkeys(rule["kind"] for rule in rules)),
            areas=viewer.areas,
            national=viewer.principal.areas is None,
            offers=offers(rules),
        )

    async def _preview(request: AnyRequest, viewer: Viewer, asked: RegimeForm) -> Response[str]:
        found = await foresee_regime(apis, viewer.token, asked)
        key = secrets.token_urlsafe(16)
        told = {"asked": asked.body, "form": asked.form, "areas": COUNCIL_AREAS, "key": key}
        return html(request, "regime_preview.html", found=found, **told)

    return [form, declare]
