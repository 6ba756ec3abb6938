"""Whoever hands something in late must say why, where the kind asks for it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from services.intake.domain.case import Case
from shared.clock import london_date
from shared.errors import FieldError

_SINCE = {
    "occurred_at": "it happened",
    "aware_at": "the service became aware",
    "received_at": "the notification was received",
}


def is_late(since: datetime, days: int, at: datetime) -> bool:
    """Whether `at` lies behind the last of so many calendar days; day 0 is that of `since`."""
    return london_date(at) > london_date(since) + timedelta(days=days)


def late_report_errors(
    case: Case, stage: str, reason: str | None, now: datetime
) -> Iterator[FieldError]:
    """Why a stage cannot be handed in at `now` with that reason; nothing where it can."""
    asked = case.declared.late_reasons.get(stage)
    if asked is None or reason is not None:
        return
    if is_late(getattr(case, asked.since), asked.after_days, now):
        yield FieldError(
            "late_reason",
            f"is required for this stage later than {asked.after_days} days after "
            f"{_SINCE[asked.since]}",
        )
