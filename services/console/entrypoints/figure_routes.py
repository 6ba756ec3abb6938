"""Statistics, with their charts and files."""

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from services.console.apis import Apis
from services.console.domain.bars import bars
from services.console.entrypoints.forms import asked
from services.console.entrypoints.places import STATISTICS
from services.console.entrypoints.render import html
from services.console.entrypoints.signed_in import Viewer
from services.console.use_cases.read_statistics import FIELDS, read_file, read_statistics
from shared.areas import COUNCIL_AREAS
from shared.errors import Invalid

AnyRequest = Request[Any, Any, Any]


def figure_routes(apis: Apis) -> Sequence[HTTPRouteHandler]:
    """The page of statistics, and its tables as files."""

    @get("/statistics", guards=[STATISTICS.access], include_in_schema=False)
    async def statistics(request: AnyRequest, viewer: Viewer) -> Response[str]:
        given = asked(request)
        told: dict[str, Any] = {"areas": COUNCIL_AREAS, "given": _given(given), "errors": ()}
        try:
            found = await read_statistics(apis, viewer.token, given)
        except Invalid as refusal:
            found = await read_statistics(apis, viewer.token, {})
            told |= {"errors": refusal.errors}
        told |= {"national": viewer.principal.areas is None}
        return html(
            request,
            "statistics.html",
            422 if told["errors"] else 200,
            found=found,
            pictures={"timeliness": bars(found.timeliness), "ages": bars(found.ages)},
            **told,
        )

    @get("/statistics/{table:str}", guards=[STATISTICS.access], include_in_schema=False)
    async def file(request: AnyRequest, viewer: Viewer, table: str) -> Response[bytes]:
        found = await read_file(apis, viewer.token, table, asked(request))
        headers = {"Content-Disposition": found.disposition}
        return Response(found.content, media_type=found.media_type, headers=headers)

    return [statistics, file]


def _given(given: dict[str, str]) -> dict[str, str]:
    return {name: given.get(name, "") for name in FIELDS}
