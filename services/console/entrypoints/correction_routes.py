"""Putting a date of a case right: the form, what would move, the act, and what it then moved."""

import secrets
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from services.console.apis import Apis
from services.console.entrypoints.case_act_routes import case_act_page
from services.console.entrypoints.case_acts import CORRECT
from services.console.entrypoints.forms import REFUSALS, own_form, refused
from services.console.entrypoints.places import CASES
from services.console.entrypoints.render import html
from services.console.entrypoints.signed_in import Viewer
from services.console.use_cases.correct_date import (
    correct_date,
    foresee_correction,
    show_correction,
)
from shared.access.date_corrections import may_correct
from shared.clock import Clock

AnyRequest = Request[Any, Any, Any]
PATH = "/cases/{reference:str}/correct"
DONE = "/cases/{reference:str}/corrections/{act:str}"


def correction_routes(apis: Apis, clock: Clock) -> Sequence[HTTPRouteHandler]:
    """The form with each of its steps, and the page of one correction."""

    @get(DONE, guards=[CASES.access], include_in_schema=False)
    async def correction(
        request: AnyRequest, viewer: Viewer, reference: str, act: str
    ) -> Response[str]:
        found = await show_correction(apis, viewer.token, reference, act, clock())
        return html(request, "correction.html", found=found, reference=reference)

    return [correction, *_steps(apis)]


def _steps(apis: Apis) -> Sequence[HTTPRouteHandler]:
    entered = partial(case_act_page, apis, CORRECT)

    @get(PATH, guards=[CORRECT.access], include_in_schema=False)
    async def form(request: AnyRequest, viewer: Viewer, reference: str) -> Response[str]:
        return await entered(request, viewer, reference)

    @post(PATH, guards=[CORRECT.access], include_in_schema=False)
    async def correct(request: AnyRequest, viewer: Viewer, reference: str) -> Response[Any]:
        given = await own_form(request)
        if given.get("do") == "edit":
            return await entered(request, viewer, reference, given)
        try:
            if given.get("do") != "correct":
                return await _preview(request, viewer, reference, given)
            done = await correct_date(apis, viewer.token, reference, given)
        except REFUSALS as refusal:
            errors = refused(refusal, CORRECT.field)
            return await entered(request, viewer, reference, given, errors)
        case = f"/cases/{quote(reference, safe='')}"
        return Redirect(f"{case}/corrections/{done['id']}", status_code=303)

    async def _preview(
        request: AnyRequest, viewer: Viewer, reference: str, given: Mapping[str, str]
    ) -> Response[str]:
        may = partial(may_correct, viewer.principal)
        seen = await foresee_correction(apis, viewer.token, reference, given, may)
        told = {"seen": seen, "form": given, "reference": reference}
        key = secrets.token_urlsafe(16)
        return html(request, "correction_preview.html", key=key, **told)

    return [form, correct]
