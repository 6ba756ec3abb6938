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


class AddendumAdded(Event, frozen=True, kw_only=True):
    """A correction was added to what had been submitted; the original stands."""

    TYPE: ClassVar[str] = "scot.scrutiny.addendum.added.v1"
    reference: str
    area: str
    addendum: str
    added_at: Instant


class DecisionRecorded(Event, frozen=True, kw_only=True):
    """It was decided whether a learning review is undertaken."""

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
