"""What intake says has happened to a notification (key: the notification's id)."""

from typing import ClassVar

from shared.events.envelope import Event, Instant


class NotificationReceived(Event, frozen=True, kw_only=True):
    """A notification was accepted; whose death or harm it is stays in intake."""

    TYPE: ClassVar[str] = "scot.scrutiny.notification.received.v1"
    reference: str
    kind: str
    area: str
    occurred_at: Instant
    aware_at: Instant
    received_at: Instant
    late_reason_given: bool = False
    partner: str | None = None


class ReportSubmitted(Event, frozen=True, kw_only=True):
    """A report or review was handed in for one stage, named like the obligation it meets."""

    TYPE: ClassVar[str] = "scot.scrutiny.report.submitted.v1"
    reference: str
    kind: str
    area: str
    stage: str
    submission: str
    submitted_at: Instant
    late_reason_given: bool = False


class AddendumAdded(Event, frozen=True, kw_only=True):
    """A correction was added to what had been submitted; the original stands."""

    TYPE: ClassVar[str] = "scot.scrutiny.addendum.added.v1"
    reference: str
    area: str
    addendum: str
    added_at: Instant


class DecisionRecorded(Event, frozen=True, kw_only=True):
    """It was decided whether a review is undertaken."""

    TYPE: ClassVar[str] = "scot.scrutiny.decision.recorded.v1"
    reference: str
    kind: str
    area: str
    decision: str
    decided_at: Instant


class SubmissionReviewed(Event, frozen=True, kw_only=True):
    """An inspector read a submission and accepted it or returned it for more."""

    TYPE: ClassVar[str] = "scot.scrutiny.submission.reviewed.v1"
    reference: str
    area: str
    submission: str
    outcome: str
    reviewed_at: Instant


class DateCorrected(Event, frozen=True, kw_only=True):
    """A date that had been notified wrongly was put right; `field` says which.

    `before` is null where nothing had been said; `decision` or `submission` names the one whose
    date it is.
    """

    TYPE: ClassVar[str] = "scot.scrutiny.date.corrected.v1"
    reference: str
    kind: str
    area: str
    field: str
    before: Instant | None
    after: Instant
    corrected_at: Instant
    decision: str | None = None
    submission: str | None = None


class ReviewRatified(Event, frozen=True, kw_only=True):
    """The chief officers group ratified the review."""

    TYPE: ClassVar[str] = "scot.scrutiny.review.ratified.v1"
    reference: str
    kind: str
    area: str
    ratified_at: Instant


class NotificationWithdrawn(Event, frozen=True, kw_only=True):
    """What was notified turned out not to be notifiable; it stays on record."""

    TYPE: ClassVar[str] = "scot.scrutiny.notification.withdrawn.v1"
    reference: str
    kind: str
    area: str
    withdrawn_at: Instant


class CaseClosed(Event, frozen=True, kw_only=True):
    """Nothing more is expected; nothing new is taken until the case is reopened."""

    TYPE: ClassVar[str] = "scot.scrutiny.case.closed.v1"
    reference: str
    kind: str
    area: str
    closed_at: Instant


class CaseReopened(Event, frozen=True, kw_only=True):
    """A closed or withdrawn case goes on as if it had never stopped."""

    TYPE: ClassVar[str] = "scot.scrutiny.case.reopened.v1"
    reference: str
    kind: str
    area: str
    reopened_at: Instant
