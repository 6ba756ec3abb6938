"""The rules: every duty in all its wordings, one wording in full, and what versions say."""

from collections.abc import Sequence
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter
from litestar.response import Redirect

from services.console.apis import Apis
from services.console.domain.rule_view import CHANGED_FIELDS
from services.console.entrypoints.places import RULES
from services.console.entrypoints.render import html
from services.console.entrypoints.signed_in import Viewer
from services.console.use_cases.read_rules import (
    compare_rules,
    read_rule,
    read_rules,
    rule_versions,
)
from shared.areas import COUNCIL_AREAS

AnyRequest = Request[Any, Any, Any]
From = Annotated[str, QueryParameter(name="from")]
To = Annotated[str, QueryParameter(name="to")]


def rule_routes(apis: Apis) -> Sequence[HTTPRouteHandler]:
    """All three pages."""

    @get(RULES.path, guards=[RULES.access], include_in_schema=False)
    async def rules(request: AnyRequest, viewer: Viewer, version: str = "") -> Response[str]:
        found = await read_rules(apis, viewer.token, version)
        return html(request, "rules.html", found=found)

    @get("/rules/changes", guards=[RULES.access], include_in_schema=False)
    async def changes(
        request: AnyRequest, viewer: Viewer, before: From = "", after: To = ""
    ) -> Response[Any]:
        if not (before and after):
            return Redirect(RULES.path, status_code=303)
        found = await compare_rules(apis, viewer.token, before, after)
        versions = await rule_versions(apis, viewer.token)
        told = {"versions": versions, "names": CHANGED_FIELDS}
        return html(request, "rule_changes.html", found=found, **told)

    @get("/rules/{rule:str}", guards=[RULES.access], include_in_schema=False)
    async def one(
        request: AnyRequest, viewer: Viewer, rule: str, version: str = ""
    ) -> Response[str]:
        found = await read_rule(apis, viewer.token, rule, version)
        return html(request, "rule.html", found=found, areas=COUNCIL_AREAS)

    return [rules, changes, one]
