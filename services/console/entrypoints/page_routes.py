"""The start page, cases and mails."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from services.console.apis import Apis
from services.console.domain.corrections import corrections_of, other_acts_of
from services.console.entrypoints.case_acts import possible_acts
from services.console.entrypoints.places import CASES, MAILS, TRACES
from services.console.entrypoints.rebasing_routes import REBASER
from services.console.entrypoints.render import html
from services.console.entrypoints.signed_in import Viewer, page_for_all, page_for_signed_in
from services.console.use_cases.follow_case import follow_case, items, list_cases
from services.console.use_cases.name_people import names_of
from services.console.use_cases.read_mails import list_mails, read_mail
from shared.areas import COUNCIL_AREAS

LONGEST_REFERENCE = 100

AnyRequest = Request[Any, Any, Any]


def page_routes(apis: Apis, mail_folder: str | None) -> Sequence[HTTPRouteHandler]:
    """Everything that is not about the chain of messages itself."""

    @get("/", guards=[page_for_all], include_in_schema=False)
    async def start(request: AnyRequest) -> Response[str]:
        return html(request, "start.html")

    @get("/cases", guards=[CASES.access], include_in_schema=False)
    async def cases(
        request: AnyRequest, viewer: Viewer, reference: str = "", cursor: str = ""
    ) -> Response[Any]:
        if wanted := reference.strip()[:LONGEST_REFERENCE]:
            return Redirect(f"/cases/{quote(wanted, safe='')}", status_code=303)
        found = await list_cases(apis, viewer.token, cursor)
        return html(
            request, "cases.html", cases=items(found), older=found.get("next"), areas=COUNCIL_AREAS
        )

    @get("/cases/{reference:str}", guards=[page_for_signed_in], include_in_schema=False)
    async def case(request: AnyRequest, viewer: Viewer, reference: str) -> Response[str]:
        may_trace = viewer.principal.has(*TRACES.roles)
        told: dict[str, Any] = {"reference": reference, "may_trace": may_trace}
        if not viewer.principal.has(*CASES.roles):
            return html(request, "case_closed.html", **told)
        found = await follow_case(apis, viewer.token, reference)
        note = found.notification
        names = await names_of(apis, viewer.token, (act["recorded_by"] for act in note["acts"]))
        told |= {"corrections": corrections_of(note), "others": other_acts_of(note)}
        told |= {"names": names, "areas": COUNCIL_AREAS}
        told |= {"may_rebase": viewer.principal.has(REBASER)}
        acts = possible_acts(viewer.principal, note, ratified_kind=found.ratified_kind)
        return html(request, "case.html", case=found, acts=acts, **told)

    @get("/mails", guards=[MAILS.access], include_in_schema=False)
    async def mails(request: AnyRequest) -> Response[str]:
        return html(request, "mails.html", mails=await list_mails(mail_folder))

    @get("/mails/{name:str}", guards=[MAILS.access], include_in_schema=False)
    async def mail(request: AnyRequest, name: str) -> Response[str]:
        return html(request, "mail.html", mail=await read_mail(mail_folder, name))

    return [start, cases, case, mails, mail]
