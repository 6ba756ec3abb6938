"""A notification once it is accepted: what may still happen to it."""

from dataclasses import dataclass
from datetime import datetime

from services.intake.domain.kinds import Kind, kinds
from shared.errors import Conflict, FieldError

OUTCOMES = ("accepted", "returned-for-more")
# A case is received until it is withdrawn or closed; reopened, it is received again.
RECEIVED, WITHDRAWN, CLOSED = "received", "withdrawn", "closed"


@dataclass(frozen=True, slots=True)
class Case:
    """An accepted notification, without anybody's personal data."""

    id: str
    reference: str
    kind: str
    area: str
    status: str
    occurred_at: datetime
    aware_at: datetime
    received_at: datetime
    version: int
    sent_by: str
    partner: str | None = None

    @property
    def declared(self) -> Kind:
        """What is declared of its kind."""
        return kinds()[self.kind]


@dataclass(frozen=True, slots=True)
class SubmittedFile:
    """One attachment of a submission; `size` in bytes, `sha256` in hex, of the file as sent."""

    id: str
    name: str
    content_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Submission:
    """What was handed in for one stage of a case; evidence, and so never changed.

    When it was received is the office's to say, and to put right.
    """

    id: str
    stage: str
    submitted_at: datetime
    submitted_by: str
    files: tuple[SubmittedFile, ...]
    addendum_to: str | None = None
    # Why it came late: personal, like everything that people write.
    late_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """An inspector's outcome for one submission, with feedback for whoever handed it in."""

    id: str
    submission: str
    outcome: str
    feedback: str
    reviewed_at: datetime
    reviewed_by: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What the inspector says."""

    submission: str
    outcome: str
    feedback: str


def require_open(case: Case) -> None:
    """A closed or withdrawn case takes nothing new."""
    if case.status != RECEIVED:
        raise Conflict(f"The case is {case.status}: reopen it before anything is added to it.")


def stage_errors(case: Case, stage: str) -> tuple[FieldError, ...]:
    """Why nothing can be handed in for that stage; empty when it can."""
    stages = case.declared.stages
    if stage in stages:
        return ()
    allowed = ", ".join(stages) or "no stage at all"
    return (FieldError("stage", f"must be, for this kind, one of: {allowed}"),)


def decision_errors(
    case: Case, decision: str, at: datetime, now: datetime
) -> tuple[FieldError, ...]:
    """Why that decision cannot be recorded; empty when it can."""
    errors: list[FieldError] = []
    if decision not in case.declared.decisions:
        allowed = ", ".join(case.declared.decisions) or "no decision at all"
        errors.append(FieldError("decision", f"must be, for this kind, one of: {allowed}"))
    if at > now:
        errors.append(FieldError("at", "must not be in the future"))
    if at < case.occurred_at:
        errors.append(FieldError("at", "must not be before what was notified occurred"))
    return tuple(errors)


def ratification_errors(case: Case, at: datetime, now: datetime) -> tuple[FieldError, ...]:
    """Why it cannot be ratified at that moment; empty when it can."""
    errors: list[FieldError] = []
    if not case.declared.ratified:
        errors.append(FieldError("at", "is for kinds that are ratified; this one is not"))
    if at > now:
        errors.append(FieldError("at", "must not be in the future"))
    if at < case.occurred_at:
        errors.append(FieldError("at", "must not be before what was notified occurred"))
    return tuple(errors)


def review_errors(outcome: str, feedback: str) -> tuple[FieldError, ...]:
    """Why a review of a submission is not complete; empty when it is."""
    errors: list[FieldError] = []
    if outcome not in OUTCOMES:
        errors.append(FieldError("outcome", f"must be one of: {', '.join(OUTCOMES)}"))
    if not feedback.strip():
        errors.append(FieldError("feedback", "must say something the submitter can use"))
    return tuple(errors)
