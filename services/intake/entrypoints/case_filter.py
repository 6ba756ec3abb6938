"""What callers write into an address: which cases, received between which moments."""

from datetime import UTC, datetime

from services.intake.storage.notifications import CaseFilter
from shared.errors import FieldError, Invalid


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
