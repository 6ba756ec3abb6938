"""Emergency regimes: the list, and one with its history."""

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from services.console.apis import Apis
from services.console.entrypoints.places import REGIMES
from services.console.entrypoints.render import html
from services.console.entrypoints.signed_in import Viewer
from services.console.use_cases.follow_regimes import follow_regime, list_regimes
from services.console.use_cases.name_people import names_of
from shared.access.principal import Role
from shared.areas import COUNCIL_AREAS
from shared.clock import Clock, london_date

AnyRequest = Request[Any, Any, Any]
# Whoever may declare one may also end and withdraw it.
DECLARER = Role.CHIEF_INSPECTOR


def regime_routes(apis: Apis, clock: Clock) -> Sequence[HTTPRouteHandler]:
    """Both pages."""

    @get(REGIMES.path, guards=[REGIMES.access], include_in_schema=False)
    async def regimes(request: AnyRequest, viewer: Viewer) -> Response[str]:
        found = await list_regimes(apis, viewer.token, london_date(clock()))
        told = {"may_declare": viewer.principal.has(DECLARER), "areas": COUNCIL_AREAS}
        return html(request, "regimes.html", regimes=found, **told)

    @get("/regimes/{regime:str}", guards=[REGIMES.access], include_in_schema=False)
    async def one(request: AnyRequest, viewer: Viewer, regime: str) -> Response[str]:
        found = await follow_regime(apis, viewer.token, regime, london_date(clock()))
        names = await names_of(apis, viewer.token, (line["by"] for line in found.history))
        told = {"may_declare": viewer.principal.has(DECLARER), "areas": COUNCIL_AREAS}
        return html(request, "regime.html", found=found, names=names, **told)

    return [regimes, one]
