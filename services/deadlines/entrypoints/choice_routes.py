"""How somebody is told, over HTTP: a mail for each reminder, or one a day."""

from typing import Any

from litestar import Request, Response, get, put
from msgspec import Struct

from services.deadlines.domain.digest import Delivery
from services.deadlines.outside.directory import Directory
from services.deadlines.storage.digests import find_choice
from services.deadlines.use_cases.choose_delivery import choose_delivery
from shared.access.guards import allow
from shared.access.principal import Principal, Role
from shared.clock import london_date, utc_now
from shared.errors import NotFound
from shared.transaction import Transactions
from shared.web.etags import etag, require_match

ApiRequest = Request[Principal, Any, Any]
TO_CHOOSE = allow(Role.STRATEGIC_INSPECTOR, Role.SUPPORT_OFFICER, Role.CHIEF_INSPECTOR)
FOR_ANYBODY = (Role.SUPPORT_OFFICER, Role.CHIEF_INSPECTOR)


class ChoiceIn(Struct, frozen=True):
    """`each` or `daily`."""

    delivery: Delivery


class ChoiceOut(Struct, frozen=True):
    """How a person, named by the directory's id, is told."""

    person: str
    delivery: Delivery


@get("/mail-choices/{person:str}", guards=[TO_CHOOSE])
async def get_choice(
    request: ApiRequest, transactions: Transactions, directory: Directory, person: str
) -> Response[ChoiceOut]:
    """The choice, and the ETag that a change asks for."""
    await _require_theirs(request.user, directory, person)
    async with transactions.begin() as tx:
        delivery, version = await find_choice(tx.session, person)
    return Response(ChoiceOut(person, delivery), headers={"ETag": etag(version)})


@put("/mail-choices/{person:str}", guards=[TO_CHOOSE])
async def put_choice(
    request: ApiRequest,
    data: ChoiceIn,
    transactions: Transactions,
    directory: Directory,
    person: str,
) -> Response[ChoiceOut]:
    """Choose; it holds for everything that is sent from then on."""
    await _require_theirs(request.user, directory, person)
    async with transactions.begin() as tx:
        version = await choose_delivery(
            tx,
            person,
            data.delivery,
            actor=request.user.subject,
            require=lambda known: require_match(request, known),
            now=utc_now(),
        )
    return Response(ChoiceOut(person, data.delivery), headers={"ETag": etag(version)})


async def _require_theirs(caller: Principal, directory: Directory, person: str) -> None:
    """Inspectors choose for the link inspectors of their own areas, who may be themselves."""
    if caller.has(*FOR_ANYBODY):
        theirs = await directory.mailbox(person) is not None
    else:
        on = london_date(utc_now())
        asked = [await directory.link_inspector(area, on) for area in sorted(caller.areas or ())]
        theirs = any(one is not None and one.person == person for one in asked)
    if not theirs:
        raise NotFound("There is no such person.")


CHOICE_ROUTES = (get_choice, put_choice)
