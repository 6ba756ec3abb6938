"""Which inspections a list is asked for."""

from datetime import date
from typing import Annotated

from litestar.params import QueryParameter

from services.inspections.domain.vocabulary import Status, Theme
from services.inspections.storage.inspections import Which
from shared.access.principal import Principal


async def which(
    principal: Principal,
    theme: Theme | None = None,
    area: str | None = None,
    status: Status | None = None,
    first: Annotated[date | None, QueryParameter(name="from")] = None,
    last: Annotated[date | None, QueryParameter(name="to")] = None,
) -> Which:
    """Read the query string; only what exists for the caller is ever meant."""
    return Which(theme, area, status, first, last, seen_from=principal.areas)
