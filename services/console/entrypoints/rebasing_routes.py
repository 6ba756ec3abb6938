"""Counting a case by another version of the rules: the form, what would change, then the act."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from services.console.apis import Apis
from services.console.entrypoints.forms import REFUSALS, own_form, refused
from services.console.entrypoints.render import html
from services.console.entrypoints.signed_in import Viewer, page_for
from services.console.use_cases.rebase_case import foresee_rebasing, rebasable, rebase_case
from shared.access.principal import Role
from shared.errors import FieldError

AnyRequest = Request[Any, Any, Any]
REBASER = Role.CHIEF_INSPECTOR
PATH = "/cases/{reference:str}/rebase"


def rebasing_routes(apis: Apis) -> Sequence[HTTPRouteHandler]:
    """The form, and each of its steps."""

    @get(PATH, guards=[page_for(REBASER)], include_in_schema=False)
    async def form(request: AnyRequest, viewer: Viewer, reference: str) -> Response[str]:
        return await _form(request, viewer, reference, {})

    @post(PATH, guards=[page_for(REBASER)], include_in_schema=False)
    async def rebase(request: AnyRequest, viewer: Viewer, reference: str) -> Response[Any]:
        given = await own_form(request)
        if given.get("do") == "edit":
            return await _form(request, viewer, reference, given)
        try:
            if given.get("do") != "rebase":
                return await _preview(request, viewer, reference, given)
            await rebase_case(apis, viewer.token, reference, given)
        except REFUSALS as refusal:
            errors = refused(refusal, "version")
            return await _form(request, viewer, reference, given, errors)
        return Redirect(f"/cases/{quote(reference, safe='')}", status_code=303)

    async def _form(
        request: AnyRequest,
        viewer: Viewer,
        reference: str,
        given: Mapping[str, str],
        errors: Sequence[FieldError] = (),
    ) -> Response[str]:
        found = await rebasable(apis, viewer.token, reference)
        status = 422 if errors else 200
        return html(request, "rebase.html", status, found=found, form=given, errors=errors)

    async def _preview(
        request: AnyRequest, viewer: Viewer, reference: str, given: Mapping[str, str]
    ) -> Response[str]:
        seen = await foresee_rebasing(apis, viewer.token, reference, given)
        found = await rebasable(apis, viewer.token, reference)
        told = {"found": found, "seen": seen, "form": {**given, "tag": seen.tag}}
        return html(request, "rebase_preview.html", key=secrets.token_urlsafe(16), **told)

    return [form, rebase]
