"""How mails about deadlines reach people: one's own choice, and for the office everybody's."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from services.console.apis import Apis
from services.console.entrypoints.forms import own_form, refused
from services.console.entrypoints.places import REMINDERS
from services.console.entrypoints.render import html
from services.console.entrypoints.signed_in import Viewer
from services.console.use_cases.choose_mail import (
    choose_mail,
    link_inspectors_on,
    own_id,
    show_choice,
)
from shared.access.principal import Role
from shared.areas import COUNCIL_AREAS
from shared.clock import Clock, london_date
from shared.errors import Changed, FieldError, Invalid

AnyRequest = Request[Any, Any, Any]
FOR_ANYBODY = (Role.SUPPORT_OFFICER, Role.CHIEF_INSPECTOR)


def reminder_routes(apis: Apis, clock: Clock) -> Sequence[HTTPRouteHandler]:
    """Who is written to, and one person's choice."""

    @get(REMINDERS.path, guards=[REMINDERS.access], include_in_schema=False)
    async def reminders(request: AnyRequest, viewer: Viewer) -> Response[Any]:
        person = viewer.principal
        known = await link_inspectors_on(apis, viewer.token, london_date(clock()).isoformat())
        own = own_id(known, person.subject)
        if own and not person.has(*FOR_ANYBODY):
            return Redirect(f"/reminders/{quote(own, safe='')}", status_code=303)
        others = known if person.has(*FOR_ANYBODY) else []
        return html(request, "reminders.html", own=own, others=others, areas=COUNCIL_AREAS)

    @get("/reminders/{person:str}", guards=[REMINDERS.access], include_in_schema=False)
    async def one(
        request: AnyRequest, viewer: Viewer, person: str, saved: str = ""
    ) -> Response[str]:
        return await _one(request, viewer, person, saved=saved == "yes")

    @post("/reminders/{person:str}", guards=[REMINDERS.access], include_in_schema=False)
    async def choose(request: AnyRequest, viewer: Viewer, person: str) -> Response[Any]:
        form = await own_form(request)
        try:
            await choose_mail(apis, viewer.token, person, form)
        except (Invalid, Changed) as refusal:
            errors = refused(refusal, "delivery")
            return await _one(request, viewer, person, form=form, errors=errors)
        return Redirect(f"/reminders/{quote(person, safe='')}?saved=yes", status_code=303)

    async def _one(
        request: AnyRequest,
        viewer: Viewer,
        person: str,
        *,
        saved: bool = False,
        form: Mapping[str, str] | None = None,
        errors: Sequence[FieldError] = (),
    ) -> Response[str]:
        found = await show_choice(apis, viewer.token, person)
        told = {"choice": found, "saved": saved, "form": form or {}, "errors": errors}
        told |= {"lists_others": viewer.principal.has(*FOR_ANYBODY)}
        return html(request, "reminder.html", 422 if errors else 200, **told)

    return [reminders, one, choose]
