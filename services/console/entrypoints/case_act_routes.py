"""What is done to a case as a whole with one form: ratified, withdrawn, closed, reopened."""

import secrets
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from services.console.apis import Apis
from services.console.domain.correction_form import correctable
from services.console.entrypoints.case_acts import CASE_ACTS, CORRECT, CaseAct, why_not
from services.console.entrypoints.forms import REFUSALS, own_form, refused
from services.console.entrypoints.render import html
from services.console.entrypoints.signed_in import Viewer
from services.console.use_cases.acting_on_case import case_to_act_on
from shared.access.date_corrections import may_correct
from shared.errors import FieldError

AnyRequest = Request[Any, Any, Any]


def case_act_routes(apis: Apis) -> Sequence[HTTPRouteHandler]:
    """A page for each; a correction has steps and pages of its own."""
    acts = [act for act in CASE_ACTS if act is not CORRECT]
    return [route for act in acts for route in _routes_of(act, apis)]


def _routes_of(act: CaseAct, apis: Apis) -> Sequence[HTTPRouteHandler]:
    path = f"/cases/{{reference:str}}/{act.name}"

    @get(path, guards=[act.access], include_in_schema=False)
    async def form(request: AnyRequest, viewer: Viewer, reference: str) -> Response[str]:
        return await case_act_page(apis, act, request, viewer, reference)

    @post(path, guards=[act.access], include_in_schema=False)
    async def do(request: AnyRequest, viewer: Viewer, reference: str) -> Response[Any]:
        given = await own_form(request)
        try:
            await act.do(apis, viewer.token, reference, given)
        except REFUSALS as refusal:
            errors = refused(refusal, act.field)
            return await case_act_page(apis, act, request, viewer, reference, given, errors)
        return Redirect(f"/cases/{quote(reference, safe='')}", status_code=303)

    return [form, do]


async def case_act_page(
    apis: Apis,
    act: CaseAct,
    request: AnyRequest,
    viewer: Viewer,
    reference: str,
    given: Mapping[str, str] | None = None,
    errors: Sequence[FieldError] = (),
) -> Response[str]:
    """The form of an act, or why it cannot be done to the case as it is."""
    found = await case_to_act_on(apis, viewer.token, reference)
    return html(
        request,
        "case_act.html",
        422 if errors else 200,
        act=act,
        why_not=why_not(act, found.note, ratified_kind=found.ratified_kind),
        found=found,
        dates=correctable(found.note, partial(may_correct, viewer.principal)),
        form=given or {},
        errors=errors,
        key=secrets.token_urlsafe(16),
    )
