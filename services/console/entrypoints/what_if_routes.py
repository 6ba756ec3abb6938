"""The what-if page: anybody signed in tries dates; nothing is recorded."""

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from services.console.apis import Apis
from services.console.domain.clock_view import Owed
from services.console.domain.letter import letter, spoken
from services.console.domain.what_if import ROOM, ROWS, WhatIf, read_what_if, row_field
from services.console.entrypoints.forms import asked, own_form
from services.console.entrypoints.places import WHAT_IF
from services.console.entrypoints.render import html
from services.console.entrypoints.signed_in import Viewer
from services.console.use_cases.ask_what_if import ask_what_if, known_rules
from shared.areas import COUNCIL_AREAS
from shared.clock import Clock, london_date

AnyRequest = Request[Any, Any, Any]


def what_if_routes(apis: Apis, clock: Clock) -> Sequence[HTTPRouteHandler]:
    """The form, and the form with its answer."""

    @get(WHAT_IF.path, guards=[WHAT_IF.access], include_in_schema=False)
    async def form(request: AnyRequest, viewer: Viewer) -> Response[str]:
        rules = await known_rules(apis, viewer.token)
        return _page(request, rules, WhatIf(asked(request)), [])

    @post(WHAT_IF.path, guards=[WHAT_IF.access], include_in_schema=False)
    async def answer(request: AnyRequest, viewer: Viewer) -> Response[str]:
        what_if = read_what_if(await own_form(request))
        rules = await known_rules(apis, viewer.token)
        found = await ask_what_if(apis, viewer.token, what_if)
        return _page(request, rules, what_if, found)

    def _page(
        request: AnyRequest, rules: Sequence[Mapping[str, Any]], what_if: WhatIf, found: list[Owed]
    ) -> Response[str]:
        kind, area = what_if.form.get("kind", ""), what_if.form.get("area", "")
        title = f"{spoken(kind).capitalize()}, {COUNCIL_AREAS.get(area, area)}"
        today = london_date(clock())
        return html(
            request,
            "what_if.html",
            422 if what_if.errors else 200,
            form=what_if.form,
            errors=what_if.errors,
            kinds=list(dict.fromkeys(rule["kind"] for rule in rules)),
            obligations=_obligations(rules, kind),
            areas=COUNCIL_AREAS,
            rows=ROWS,
            row_field=row_field,
            detailed=_detailed(what_if.form),
            found=found,
            title=title,
            letter=letter(title, today, found) if found else "",
        )

    return [form, answer]


def _obligations(rules: Sequence[Mapping[str, Any]], kind: str) -> list[str]:
    """What can be handed in, paused or extended: for the chosen kind, if one is chosen."""
    chosen = [rule for rule in rules if rule["kind"] == kind] or rules
    return list(dict.fromkeys(rule["obligation"] for rule in chosen))


def _detailed(form: Mapping[str, str]) -> set[str]:
    """The parts of the form that something is written in, which are shown open."""
    return {name for name in ROOM if any(form[key] for key in form if key.startswith(f"{name}_"))}
