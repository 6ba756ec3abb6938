"""One deadline: its explanation, its history, and what may be done to it."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from services.console.apis import Apis
from services.console.domain.letter import one_letter, spoken
from services.console.entrypoints.forms import own_form, refused
from services.console.entrypoints.places import DEADLINES
from services.console.entrypoints.rebasing_routes import REBASER
from services.console.entrypoints.render import html
from services.console.entrypoints.signed_in import Viewer, page_for
from services.console.use_cases.act_on_deadline import act_on_deadline
from services.console.use_cases.follow_deadlines import follow_deadline
from services.console.use_cases.name_people import names_of
from shared.access.principal import Role
from shared.areas import COUNCIL_AREAS
from shared.clock import Clock, london_date
from shared.errors import Conflict, FieldError, Invalid

AnyRequest = Request[Any, Any, Any]
ACTORS = (Role.STRATEGIC_INSPECTOR, Role.CHIEF_INSPECTOR)


def deadline_routes(apis: Apis, clock: Clock) -> Sequence[HTTPRouteHandler]:
    """One deadline, and acts on it."""

    @get("/deadlines/{clock_id:str}", guards=[DEADLINES.access], include_in_schema=False)
    async def one(request: AnyRequest, viewer: Viewer, clock_id: str) -> Response[str]:
        return await _one(request, viewer, clock_id)

    @post(
        "/deadlines/{clock_id:str}/{act:str}",
        guards=[page_for(*ACTORS)],
        include_in_schema=False,
    )
    async def act(request: AnyRequest, viewer: Viewer, clock_id: str, act: str) -> Response[Any]:
        form = await own_form(request)
        try:
            await act_on_deadline(apis, viewer.token, clock_id, act, form)
        except (Invalid, Conflict) as refusal:
            return await _one(request, viewer, clock_id, act, form, refused(refusal))
        return Redirect(f"/deadlines/{clock_id}#history", status_code=303)

    async def _one(
        request: AnyRequest,
        viewer: Viewer,
        clock_id: str,
        act: str = "",
        form: Mapping[str, str] | None = None,
        errors: Sequence[FieldError] = (),
    ) -> Response[str]:
        found = await follow_deadline(apis, viewer.token, clock_id)
        names = await names_of(apis, viewer.token, found.accounts)
        shown = found.view.clock
        title = f"{shown['reference']}, {COUNCIL_AREAS.get(shown['area'], shown['area'])}"
        told = f"{spoken(shown['kind']).capitalize()}, {title}"
        return html(
            request,
            "deadline.html",
            422 if errors else 200,
            found=found,
            names=names,
            areas=COUNCIL_AREAS,
            may_act=viewer.principal.has(*ACTORS),
            may_rebase=viewer.principal.has(REBASER),
            failed=act,
            form=form or {},
            errors=errors,
            key=secrets.token_urlsafe(16),
            letter=one_letter(told, london_date(clock()), found.view),
        )

    return [one, act]
