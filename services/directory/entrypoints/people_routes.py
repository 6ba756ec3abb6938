"""People who can be appointed."""

from typing import Any

from litestar import Request, Response, get, post, put
from litestar.openapi import ResponseSpec

from services.directory.domain.person import KnownAs
from services.directory.entrypoints.answers import person_out, person_with_appointments_out
from services.directory.entrypoints.appointment_routes import APPOINTERS, STAFF
from services.directory.entrypoints.schemas import (
    PersonIn,
    PersonOut,
    PersonWithAppointmentsOut,
)
from services.directory.use_cases.add_person import add_person
from services.directory.use_cases.change_person import change_person
from services.directory.use_cases.list_people import list_people
from services.directory.use_cases.show_person import show_person
from shared.access.principal import Principal
from shared.clock import utc_now
from shared.confidential.fields import FieldCipher
from shared.transaction import Transactions
from shared.web.etags import etag, require_match
from shared.web.idempotency import once
from shared.web.pages import Page, Paging, page


@post(
    "/people",
    guards=[APPOINTERS],
    responses={201: ResponseSpec(PersonOut, description="The person under a new id")},
)
async def post_person(
    transactions: Transactions,
    cipher: FieldCipher,
    request: Request[Principal, Any, Any],
    principal: Principal,
    data: PersonIn,
) -> Response[bytes]:
    """Enter somebody who can be appointed."""
    async with transactions.begin() as tx:

        async def act() -> PersonOut:
            return person_out(
                await add_person(
                    tx,
                    cipher,
                    known_as=_known_as(data),
                    actor=principal.subject,
                    now=utc_now(),
                )
            )

        return await once(tx, request, act, headers={"ETag": etag(1)})


@get("/people", guards=[STAFF])
async def get_people(
    transactions: Transactions,
    cipher: FieldCipher,
    paging: Paging,
    signs_in_as: list[str] | None = None,
) -> Page[PersonOut]:
    """Everybody who can be appointed, or those who sign in as one of these subjects."""
    async with transactions.begin() as tx:
        found = await list_people(tx, cipher, paging.after, paging.fetch, signs_in_as)
    return page(found, paging.limit, out=person_out, after=lambda person: (person.id,))


@get("/people/{person_id:str}", guards=[STAFF])
async def get_person(
    transactions: Transactions, cipher: FieldCipher, person_id: str
) -> Response[PersonWithAppointmentsOut]:
    """One person with every appointment they ever had, and the ETag that a change asks for."""
    async with transactions.begin() as tx:
        person, appointments = await show_person(tx, cipher, person_id)
    answer = person_with_appointments_out(person, appointments)
    return Response(answer, headers={"ETag": etag(person.version)})


@put("/people/{person_id:str}", guards=[APPOINTERS])
async def put_person(
    transactions: Transactions,
    cipher: FieldCipher,
    request: Request[Principal, Any, Any],
    principal: Principal,
    person_id: str,
    data: PersonIn,
) -> Response[PersonOut]:
    """Correct how the person that If-Match names is known; their appointments stay theirs."""
    async with transactions.begin() as tx:
        changed = await change_person(
            tx,
            cipher,
            person_id,
            known_as=_known_as(data),
            permit=lambda person: require_match(request, person.version),
            actor=principal.subject,
            now=utc_now(),
        )
    return Response(person_out(changed), headers={"ETag": etag(changed.version)})


def _known_as(data: PersonIn) -> KnownAs:
    return KnownAs(data.name, data.mailbox, data.specialism, data.signs_in_as)
