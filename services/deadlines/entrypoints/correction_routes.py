"""What a corrected date would move, over HTTP; the correction itself is made at intake."""

from datetime import datetime
from typing import Annotated

from litestar import post
from msgspec import Meta, Struct

from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.entrypoints.act_answers import MovedOut, moved_out
from services.deadlines.entrypoints.reading import FIRST_YEAR, LAST_YEAR
from services.deadlines.use_cases.preview_date_correction import (
    CorrectionAsked,
    preview_date_correction,
)
from shared.access.date_corrections import CORRECTORS
from shared.access.guards import allow
from shared.access.principal import Principal
from shared.clock import utc_now
from shared.errors import FieldError, Invalid
from shared.transaction import Transactions

TO_CORRECT = allow(*CORRECTORS)
Instant = Annotated[datetime, Meta(tz=True)]


class DateCorrectionIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`field`: occurred_at, aware_at, received_at, ratified_at, decided_at or submitted_at.

    Of the last two there may be several: `before` says which.
    """

    reference: str
    field: str
    before: Instant | None = None
    after: Instant


class DateCorrectionOut(Struct, frozen=True):
    """Every clock that would say something else, before and after."""

    reference: str
    moved: list[MovedOut]


@post("/date-corrections/previews", guards=[TO_CORRECT], status_code=200)
async def foresee_date_correction(
    data: DateCorrectionIn, principal: Principal, transactions: Transactions, rulebook: Rulebook
) -> DateCorrectionOut:
    """What would move; nothing is changed."""
    if not FIRST_YEAR <= data.after.year <= LAST_YEAR:
        rule = f"must lie between the years {FIRST_YEAR} and {LAST_YEAR}"
        raise Invalid(FieldError("after", rule))
    asked = CorrectionAsked(data.reference, data.field, data.before, data.after)
    async with transactions.begin() as tx:
        moved = await preview_date_correction(tx, rulebook, asked, principal, utc_now())
    return DateCorrectionOut(data.reference, [moved_out(one) for one in moved])


CORRECTION_ROUTES = (foresee_date_correction,)
