"""Areas, organisations and coverage: what anybody signed in may look up."""

from datetime import date, timedelta
from typing import Annotated

from litestar import get
from litestar.params import QueryParameter

from services.directory.domain.organisation import OrganisationKind
from services.directory.entrypoints.answers import (
    area_on_day_out,
    area_out,
    coverage_out,
    organisation_out,
)
from services.directory.entrypoints.schemas import (
    AreaOnDayOut,
    AreaOut,
    CoverageOut,
    OrganisationOut,
)
from services.directory.use_cases.list_areas import list_areas
from services.directory.use_cases.list_organisations import list_organisations
from services.directory.use_cases.show_area import show_area
from services.directory.use_cases.show_coverage import show_coverage
from shared.access.guards import allow, allow_signed_in
from shared.access.principal import Role
from shared.clock import london_date, utc_now
from shared.confidential.fields import FieldCipher
from shared.errors import FieldError, Invalid
from shared.transaction import Transactions
from shared.web.pages import Page, Paging, page

LONGEST_PERIOD = timedelta(days=5 * 366)


@get("/areas", guards=[allow_signed_in])
async def get_areas(transactions: Transactions, paging: Paging) -> Page[AreaOut]:
    """Every council area."""
    async with transactions.begin() as tx:
        found = await list_areas(tx, paging.after, paging.fetch)
    return page(found, paging.limit, out=area_out, after=lambda area: (area.gss_code,))


@get("/areas/{gss_code:str}", guards=[allow_signed_in])
async def get_area(
    transactions: Transactions, cipher: FieldCipher, gss_code: str, on: date | None = None
) -> AreaOnDayOut:
    """An area as it was on a day (today, when none is given): its roles and organisations."""
    day = on or london_date(utc_now())
    async with transactions.begin() as tx:
        return area_on_day_out(await show_area(tx, cipher, gss_code, day))


@get("/organisations", guards=[allow_signed_in])
async def get_organisations(
    transactions: Transactions,
    paging: Paging,
    kind: OrganisationKind | None = None,
    area: str | None = None,
) -> Page[OrganisationOut]:
    """Organisations and the areas they cover."""
    async with transactions.begin() as tx:
        found = await list_organisations(
            tx, kind=kind, area=area, after=paging.after, limit=paging.fetch
        )
    return page(found, paging.limit, out=organisation_out, after=lambda each: (each.code,))


@get(
    "/coverage",
    guards=[
        allow(Role.STRATEGIC_INSPECTOR, Role.SUPPORT_OFFICER, Role.CHIEF_INSPECTOR, Role.AUDITOR)
    ],
)
async def get_coverage(
    transactions: Transactions,
    cipher: FieldCipher,
    on: date | None = None,
    start: Annotated[date | None, QueryParameter(name="from")] = None,
    end: Annotated[date | None, QueryParameter(name="to")] = None,
) -> CoverageOut:
    """Gaps, overlaps and loads on a day, or on the days from `from` up to, not including, `to`."""
    first, until = _period(on, start, end)
    async with transactions.begin() as tx:
        return coverage_out(await show_coverage(tx, cipher, first, until), first, until)


def _period(on: date | None, start: date | None, end: date | None) -> tuple[date, date]:
    if start is None and end is None:
        day = on or london_date(utc_now())
        if day == date.max:
            raise Invalid(FieldError("on", "is too late a day"))
        return day, day + timedelta(days=1)
    if on is not None:
        raise Invalid(FieldError("on", "is one day: leave it out when giving a period"))
    if start is None or end is None:
        raise Invalid(FieldError("from" if start is None else "to", "a period has two ends"))
    if not start < end <= start + min(LONGEST_PERIOD, date.max - start):
        raise Invalid(FieldError("to", "must be after from, by five years at the most"))
    return start, end
