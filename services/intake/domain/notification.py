"""A notification: what a partner tells us, and the rules it must keep to be accepted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.intake.domain.details import detail_errors
from services.intake.domain.kinds import Kind, kinds
from services.intake.domain.lateness import is_late
from shared.areas import COUNCIL_AREAS
from shared.clock import london_date
from shared.errors import FieldError

# A sender's clock may run a little ahead of ours.
CLOCK_SKEW = timedelta(minutes=5)
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
OLDEST_YEARS = 130


@dataclass(frozen=True, slots=True)
class Notifier:
    """Who sends the notification."""

    organisation: str
    name: str
    role: str
    email: str


@dataclass(frozen=True, slots=True)
class Subject:
    """The person who died or was harmed."""

    name: str
    date_of_birth: date


@dataclass(frozen=True, slots=True)
class Submission:
    """What was sent, before anything was decided about it."""

    kind: str
    area: str
    occurred_at: datetime
    notifier: Notifier
    subject: Subject | None
    details: Mapping[str, Any]
    aware_at: datetime | None = None
    late_reason: str | None = None

    @property
    def aware(self) -> datetime:
        """When the notifier became aware; at once, unless they say otherwise."""
        return self.aware_at or self.occurred_at


def submission_errors(submission: Submission, now: datetime) -> tuple[FieldError, ...]:
    """Every rule that the submission breaks; empty when it is accepted."""
    latest = now + CLOCK_SKEW
    # A date far out of range is refused below, and must not break the rules that count from it.
    happened = london_date(min(max(submission.occurred_at, EARLIEST), latest))
    kind = kinds().get(submission.kind)
    errors = [*_kind_errors(kind, happened), *_area_errors(submission.area)]
    errors += [*_time_errors(submission, latest), *_late_errors(submission, kind, now)]
    errors += _notifier_errors(submission.notifier)
    errors += _subject_errors(submission.subject, kind, happened)
    if kind is not None and kind.refused is None:
        errors += detail_errors(kind.fields, submission.details)
    return tuple(errors)


def _kind_errors(kind: Kind | None, happened: date) -> Iterator[FieldError]:
    if kind is None:
        yield FieldError("kind", f"must be one of: {', '.join(kinds())}")
        return
    why_not = kind.why_not(happened)
    if why_not is not None:
        yield FieldError("kind", f"is not accepted: {why_not}")


def _area_errors(area: str) -> Iterator[FieldError]:
    if area not in COUNCIL_AREAS:
        yield FieldError("area", "must be the GSS code of a council area, such as S12000047")


def _time_errors(submission: Submission, latest: datetime) -> Iterator[FieldError]:
    occurred_at, aware_at = submission.occurred_at, submission.aware_at
    if occurred_at < EARLIEST:
        yield FieldError("occurred_at", f"must not be before {EARLIEST.year}")
    if occurred_at > latest:
        yield FieldError("occurred_at", "must not be in the future")
    if aware_at is not None and aware_at < occurred_at:
        yield FieldError("aware_at", "must not be before occurred_at")
    if aware_at is not None and aware_at > latest:
        yield FieldError("aware_at", "must not be in the future")


def _late_errors(submission: Submission, kind: Kind | None, now: datetime) -> Iterator[FieldError]:
    days = kind.late_reason_after_days if kind else None
    if days is None or (submission.late_reason or "").strip():
        return
    if is_late(max(submission.aware, EARLIEST), days, now):
        yield FieldError(
            "late_reason",
            f"is required for this kind later than {days} days after the service became aware",
        )


def _notifier_errors(notifier: Notifier) -> Iterator[FieldError]:
    for name in ("organisation", "name", "role"):
        if not getattr(notifier, name).strip():
            yield FieldError(f"notifier.{name}", "must not be blank")


def _subject_errors(
    subject: Subject | None, kind: Kind | None, happened: date
) -> Iterator[FieldError]:
    if subject is None:
        if kind is not None and kind.subject_required:
            yield FieldError("subject", "is required for this kind")
        return
    if not subject.name.strip():
        yield FieldError("subject.name", "must not be blank")
    if subject.date_of_birth > happened:
        yield FieldError("subject.date_of_birth", "must not be after occurred_at")
    if happened.year - subject.date_of_birth.year > OLDEST_YEARS:
        yield FieldError("subject.date_of_birth", f"must be within {OLDEST_YEARS} years")
