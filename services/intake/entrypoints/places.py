"""What callers write into an address: where a page ended, and between which moments."""

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from services.intake.storage.notifications import CaseFilter
from shared.errors import FieldError, Invalid
from shared.web.pages import decode_cursor

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
BY_ID = tuple[Instant, str]
BY_POSITION = tuple[Instant, Annotated[int, msgspec.Meta(ge=0, lt=2**31)]]


def place(cursor: str | None, wanted: Any) -> Any:
    """What a cursor of ours holds, as `wanted`; None on the first page, any other is refused."""
    found = decode_cursor(cursor, 2)
    if found is None:
        return None
    try:
        at, last = msgspec.convert(found.after, wanted)
        return at.astimezone(UTC), last
    except (msgspec.ValidationError, OverflowError) as error:
        rule = "must be a cursor that an earlier page gave you"
        raise Invalid(FieldError("cursor", rule)) from error


async def case_filter(
    kind: str | None = None,
    status: str | None = None,
    received_from: datetime | None = None,
    received_to: datetime | None = None,
) -> CaseFilter:
    """What the query asks for, beside the area; `received_to` is not included."""
    return CaseFilter(
        kind=kind,
        status=status,
        received_from=_utc("received_from", received_from),
        received_to=_utc("received_to", received_to),
    )


def _utc(name: str, value: datetime | None) -> datetime | None:
    if value is not None and value.tzinfo is None:
        raise Invalid(FieldError(name, "must say its offset from UTC, such as Z or +01:00"))
    try:
        return value and value.astimezone(UTC)
    except OverflowError as error:
        raise Invalid(FieldError(name, "must be a moment in the years 1 to 9999 UTC")) from error
