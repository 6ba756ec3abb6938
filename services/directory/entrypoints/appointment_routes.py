"""Appointments: made, read and ended."""

from datetime import date
from typing import Any

from litestar import Request, Response, get, post
from litestar.openapi import ResponseSpec

from services.directory.domain.appointment import Appointment, Wanted
from services.directory.domain.appointment import Role as Post
from services.directory.entrypoints.answers import appointment_out
from services.directory.entrypoints.schemas import AppointmentIn, AppointmentOut, EndIn
from services.directory.storage.appointments import Which
from services.directory.use_cases.end_appointment import end_appointment
from services.directory.use_cases.list_appointments import list_appointments
from services.directory.use_cases.make_appointment import make_appointment
from services.directory.use_cases.show_appointment import show_appointment
from shared.access.guards import allow
from shared.access.principal import Principal, Role
from shared.clock import utc_now
from shared.transaction import Transactions
from shared.web.etags import etag, require_match
from shared.web.idempotency import once
from shared.web.openapi import IF_MATCH
from shared.web.pages import Page, Paging, page

APPOINTERS = allow(Role.SUPPORT_OFFICER, Role.CHIEF_INSPECTOR)
STAFF = allow(
    Role.STRATEGIC_INSPECTOR,
    Role.SUPPORT_OFFICER,
    Role.CHIEF_INSPECTOR,
    Role.AUDITOR,
    Role.SERVICE,
)


@post(
    "/appointments",
    guards=[APPOINTERS],
    responses={201: ResponseSpec(AppointmentOut, description="The appointment that was made")},
)
async def post_appointment(
    transactions: Transactions,
    request: Request[Principal, Any, Any],
    principal: Principal,
    data: AppointmentIn,
) -> Response[bytes]:
    """Appoint a person to a role for an area; 409 when somebody holds it on some of the days."""
    principal.require_area(data.area)
    wanted = Wanted(data.person, data.role, data.area, data.starts_on, data.ends_on, data.kind)
    async with transactions.begin() as tx:

        async def act() -> AppointmentOut:
            made = await make_appointment(tx, wanted, actor=principal.subject, now=utc_now())
            return appointment_out(made)

        return await once(tx, request, act, headers={"ETag": etag(1)})


@post(
    "/appointments/{appointment_id:str}/end",
    status_code=200,
    opt={IF_MATCH: True},
    guards=[APPOINTERS],
    responses={200: ResponseSpec(AppointmentOut, description="The appointment with its end")},
)
async def post_end(
    transactions: Transactions,
    request: Request[Principal, Any, Any],
    principal: Principal,
    appointment_id: str,
    data: EndIn,
) -> Response[bytes]:
    """Give an appointment an end, or an earlier one; ended on its first day it never counted."""
    headers: dict[str, str] = {}

    def permit(appointment: Appointment) -> None:
        principal.require_area(appointment.area, "appointment")
        require_match(request, appointment.version)

    async with transactions.begin() as tx:

        async def act() -> AppointmentOut:
            ended = await end_appointment(
                tx,
                appointment_id,
                data.ends_on,
                permit=permit,
                actor=principal.subject,
                now=utc_now(),
            )
            headers["ETag"] = etag(ended.version)
            return appointment_out(ended)

        return await once(tx, request, act, status=200, headers=headers)


@get("/appointments/{appointment_id:str}", guards=[STAFF])
async def get_appointment(
    transactions: Transactions, appointment_id: str
) -> Response[AppointmentOut]:
    """One appointment, with the ETag that ending it asks for."""
    async with transactions.begin() as tx:
        appointment = await show_appointment(tx, appointment_id)
    headers = {"ETag": etag(appointment.version)}
    return Response(appointment_out(appointment), headers=headers)


@get("/appointments", guards=[STAFF])
async def get_appointments(
    transactions: Transactions,
    paging: Paging,
    area: str | None = None,
    role: Post | None = None,
    person: str | None = None,
    on: date | None = None,
) -> Page[AppointmentOut]:
    """Appointments, past ones included, in the order in which they were made."""
    which = Which(area, role, person, on)
    async with transactions.begin() as tx:
        found = await list_appointments(tx, which, paging.after, paging.fetch)
    return page(found, paging.limit, out=appointment_out, after=lambda each: (each.id,))
