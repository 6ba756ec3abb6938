"""The bodies intake reads and answers."""

from datetime import date, datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, field

from services.intake.domain.notification import Notifier, Subject, Submission

Short = Annotated[str, Meta(min_length=1, max_length=200)]
Long = Annotated[str, Meta(max_length=20_000)]
Mailbox = Annotated[str, Meta(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Instant = Annotated[datetime, Meta(tz=True)]


class NotifierIn(Struct, forbid_unknown_fields=True):
    """Who sends the notification."""

    organisation: Short
    name: Short
    role: Short
    email: Mailbox


class SubjectIn(Struct, forbid_unknown_fields=True):
    """The person who died or was harmed."""

    name: Short
    date_of_birth: date


class NotificationIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """A notification; `details` holds what its kind declares in `GET /kinds`."""

    kind: str
    area: str
    occurred_at: Instant
    notifier: NotifierIn
    subject: SubjectIn | None = None
    details: dict[str, Any] = field(default_factory=dict)
    aware_at: Instant | None = None
    late_reason: Long | None = None

    def submission(self) -> Submission:
        """The same in the words of the domain."""
        notifier, subject = self.notifier, self.subject
        return Submission(
            kind=self.kind,
            area=self.area,
            occurred_at=self.occurred_at,
            notifier=Notifier(notifier.organisation, notifier.name, notifier.role, notifier.email),
            subject=Subject(subject.name, subject.date_of_birth) if subject else None,
            details=self.details,
            aware_at=self.aware_at,
            late_reason=self.late_reason,
        )


class DraftIn(Struct, forbid_unknown_fields=True, kw_only=True):
    """Any part of a notification, however unfinished; what is left out is not saved."""

    kind: Any = UNSET
    area: Any = UNSET
    occurred_at: Any = UNSET
    aware_at: Any = UNSET
    late_reason: Any = UNSET
    notifier: Any = UNSET
    subject: Any = UNSET
    details: Any = UNSET

    def said(self) -> dict[str, Any]:
        """What was sent, and nothing else."""
        given = {name: getattr(self, name) for name in self.__struct_fields__}
        return {name: value for name, value in given.items() if value is not UNSET}


class DraftOut(Struct, frozen=True):
    """A draft, to its owner; its version is also its ETag."""

    id: str
    version: int
    saved_at: datetime
    notification: dict[str, Any]


class DraftSummaryOut(Struct, frozen=True):
    """One draft in its owner's list: enough to know it again."""

    id: str
    version: int
    saved_at: datetime
    kind: str | None
    area: str | None


class ReceivedOut(Struct, frozen=True):
    """The answer to an accepted notification: its reference is how everybody speaks of it."""

    reference: str
    status: str
    received_at: datetime


class SummaryOut(Struct, frozen=True):
    """One notification in a list, without anybody's personal data."""

    reference: str
    kind: str
    area: str
    status: str
    occurred_at: datetime
    aware_at: datetime
    received_at: datetime


class AttachmentOut(Struct, frozen=True):
    """A file that was handed in; `size` in bytes, `sha256` in hex."""

    id: str
    name: str
    content_type: str
    size: int
    sha256: str


class SubmissionOut(Struct, frozen=True):
    """What was handed in for one stage; an addendum names the submission it corrects.

    `late_reason` is null where none was given, and for other services.
    """

    id: str
    stage: str
    submitted_at: datetime
    attachments: list[AttachmentOut]
    addendum_to: str | None = None
    late_reason: str | None = None


class DecisionIn(Struct, forbid_unknown_fields=True):
    """`decision` is one of the kind's, as `GET /kinds` names them, made `at` (by default now)."""

    decision: str
    at: Instant | None = None


class DecisionOut(Struct, frozen=True):
    """A recorded decision."""

    id: str
    decision: str
    decided_at: datetime
    recorded_at: datetime


class CorrectionIn(Struct, forbid_unknown_fields=True):
    """`field`: occurred_at, aware_at, received_at or ratified_at; or one of several, with its id:
    decided_at with the `decision`, submitted_at with the `submission`.
    """

    field: str
    value: Instant
    reason: Annotated[str, Meta(min_length=1, max_length=2000)]
    decision: str | None = None
    submission: str | None = None


class RatificationIn(Struct, forbid_unknown_fields=True):
    """When the chief officers group ratified the review (by default now)."""

    at: Instant | None = None


class EndingIn(Struct, forbid_unknown_fields=True):
    """Why a case is withdrawn, closed or reopened."""

    reason: Annotated[str, Meta(min_length=1, max_length=2000)]


class CaseActOut(Struct, frozen=True):
    """What was done to the case: `before` and `after` are dates that it changed or gave.

    `recorded_by` is the account of whoever did it: for our own people, and for themselves.
    """

    id: str
    what: str
    recorded_at: datetime
    recorded_by: str | None
    reason: str
    field: str | None
    before: datetime | None
    after: datetime | None
    decision: str | None
    submission: str | None


class ReviewIn(Struct, forbid_unknown_fields=True):
    """What an inspector found on reading a submission: accepted or returned-for-more."""

    submission: str
    outcome: str
    feedback: Long


class ReviewOut(Struct, frozen=True):
    """A recorded review."""

    id: str
    submission: str
    outcome: str
    feedback: str
    reviewed_at: datetime


class NotificationOut(Struct, frozen=True, kw_only=True):
    """A notification with everything that belongs to it; the version is also its ETag."""

    reference: str
    kind: str
    area: str
    status: str
    occurred_at: datetime
    aware_at: datetime
    received_at: datetime
    partner: str | None
    late_reason: str | None
    notifier: Notifier | None
    subject: Subject | None
    details: dict[str, Any]
    submissions: list[SubmissionOut]
    decisions: list[DecisionOut]
    reviews: list[ReviewOut]
    acts: list[CaseActOut]
    ratified_at: datetime | None


class HappeningOut(Struct, frozen=True):
    """One line of a timeline: `service` did it, `trace_id` shows how."""

    at: datetime
    service: str
    what: str
    text: str
    facts: dict[str, Any]
    trace_id: str | None


class FieldOut(Struct, frozen=True):
    """A field of `details`: type is text, date or choice."""

    name: str
    type: str
    required: bool
    label: str
    choices: list[str]


class LateReasonOut(Struct, frozen=True):
    """Later than `after_days` calendar days after the case's date `since`, a reason is required."""

    after_days: int
    since: str


class KindOut(Struct, frozen=True):
    """A kind, and on the date that was asked about: accepted, or why not.

    `late_reason_after_days` is of the notification, `late_reasons` are of its stages.
    """

    kind: str
    title: str
    accepted: bool
    why_not: str | None
    notifiers: list[str]
    required: list[str]
    details: list[FieldOut]
    stages: list[str]
    decisions: list[str]
    ratified: bool
    late_reason_after_days: int | None
    late_reasons: dict[str, LateReasonOut]
