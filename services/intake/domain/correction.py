"""A date that was notified wrongly is put right: what was said before stays on record."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.intake.domain.case import Case
from services.intake.domain.notification import CLOCK_SKEW, EARLIEST
from shared.clock import london_date
from shared.errors import FieldError

OCCURRED, AWARE, RATIFIED, DECIDED = "occurred_at", "aware_at", "ratified_at", "decided_at"
# When something came in, by the office's own clock.
RECEIVED, SUBMITTED = "received_at", "submitted_at"
FIELDS = (OCCURRED, AWARE, RECEIVED, RATIFIED, DECIDED, SUBMITTED)


@dataclass(frozen=True, slots=True)
class Correction:
    """Which date is to say what, and why; `decision` or `submission` is whose date it is."""

    field: str
    value: datetime
    reason: str
    decision: str | None = None
    submission: str | None = None


@dataclass(frozen=True, slots=True)
class Dates:
    """What a case says now; the last two are of the decision or report that is corrected."""

    occurred_at: datetime
    aware_at: datetime
    received_at: datetime
    ratified_at: datetime | None = None
    decided_at: datetime | None = None
    submitted_at: datetime | None = None


def correction_errors(
    case: Case, dates: Dates, asked: Correction, now: datetime
) -> tuple[FieldError, ...]:
    """Why the date cannot be corrected so; empty when it can."""
    if asked.field not in FIELDS:
        return (FieldError("field", f"must be one of: {', '.join(FIELDS)}"),)
    return tuple(_errors(case, dates, asked, now))


def _errors(case: Case, dates: Dates, asked: Correction, now: datetime) -> Iterator[FieldError]:
    before = getattr(dates, asked.field)
    if before is None:
        yield FieldError("field", "names a date that was never given: record it first")
    if before == asked.value:
        yield FieldError("value", "is what it says already")
    skew = timedelta(0) if asked.field in (RECEIVED, SUBMITTED) else CLOCK_SKEW
    if asked.value > now + skew:
        yield FieldError("value", "must not be in the future")
    if asked.value < EARLIEST:
        yield FieldError("value", f"must not be before {EARLIEST.year}")
        return
    yield from _order_errors(dates, asked)
    if asked.field == OCCURRED:
        yield from _kind_errors(case, asked.value)
    if not asked.reason.strip():
        yield FieldError("reason", "must say why the date was wrong")


def _order_errors(dates: Dates, asked: Correction) -> Iterator[FieldError]:
    if asked.field != OCCURRED:
        if asked.value < dates.occurred_at:
            yield FieldError("value", "must not be before occurred_at")
        return
    if asked.value > dates.aware_at:
        yield FieldError("value", "must not be after aware_at: correct that first")
    if asked.value > dates.received_at + CLOCK_SKEW:
        yield FieldError("value", "must not be after received_at")


def _kind_errors(case: Case, occurred_at: datetime) -> Iterator[FieldError]:
    why_not = case.declared.why_not(london_date(occurred_at))
    if why_not is not None:
        yield FieldError("value", f"makes it a case that is not accepted: {why_not}")
