"""The list of what is due: mine, my areas, or all that somebody may see."""

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from services.console.apis import Apis
from services.console.domain.due_search import STATES, DueSearch, read_due_search
from services.console.entrypoints.forms import asked
from services.console.entrypoints.places import DEADLINES
from services.console.entrypoints.render import html
from services.console.entrypoints.signed_in import Viewer
from services.console.use_cases.ask_what_if import known_rules
from services.console.use_cases.follow_deadlines import DueList, list_due, own_areas
from shared.areas import COUNCIL_AREAS
from shared.clock import Clock, london_date

AnyRequest = Request[Any, Any, Any]


def due_routes(apis: Apis, clock: Clock) -> Sequence[HTTPRouteHandler]:
    """The list."""

    @get(DEADLINES.path, guards=[DEADLINES.access], include_in_schema=False)
    async def due(request: AnyRequest, viewer: Viewer) -> Response[str]:
        today, subject = london_date(clock()), viewer.principal.subject
        rules = await known_rules(apis, viewer.token)
        own = await own_areas(apis, viewer.token, subject, today.isoformat())
        search = read_due_search(asked(request), {rule["kind"] for rule in rules}, own)
        found = await _found(viewer, search)
        return html(
            request,
            "deadlines.html",
            422 if search.errors else 200,
            search=search,
            found=found,
            kinds=list(dict.fromkeys(rule["kind"] for rule in rules)),
            areas=viewer.areas,
            own=own,
            all_areas=COUNCIL_AREAS,
            states=STATES,
            today=today.isoformat(),
        )

    async def _found(viewer: Viewer, search: DueSearch) -> DueList:
        if search.errors or search.nowhere:
            return DueList([], None)
        return await list_due(apis, viewer.token, search.asked())

    return [due]
