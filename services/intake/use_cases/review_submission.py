"""Record what an inspector found on reading a submission: accepted, or returned for more."""

from datetime import datetime
from uuid import uuid4

from services.intake.domain.case import Finding, Review, review_errors
from services.intake.domain.timeline import Happening
from services.intake.storage.happenings import HAPPENINGS, new_happening
from services.intake.storage.notifications import bump_version, load_sealed, lock_case
from services.intake.storage.reviews import insert_review
from services.intake.storage.sealing import case_cipher
from services.intake.storage.submissions import find_submission
from shared.access.principal import Principal
from shared.confidential.fields import FieldCipher
from shared.errors import Invalid
from shared.events.intake import SubmissionReviewed
from shared.telemetry import REFERENCE, annotate, current_trace_id
from shared.transaction import Transaction


async def review_submission(
    tx: Transaction,
    ring: FieldCipher,
    reference: str,
    finding: Finding,
    by: Principal,
    now: datetime,
) -> Review:
    """The recorded review; raises `NotFound` or `Invalid`."""
    annotate(**{REFERENCE: reference})
    case = await lock_case(tx.session, reference)
    by.require_area(case.area, "notification")
    errors = review_errors(finding.outcome, finding.feedback)
    if errors:
        raise Invalid(*errors)
    stage = await find_submission(tx.session, case.id, finding.submission)
    made = Review(
        str(uuid4()), finding.submission, finding.outcome, finding.feedback, now, by.subject
    )
    wrapped, _ = await load_sealed(tx.session, case)
    await insert_review(tx.session, case_cipher(ring, case.id, wrapped), made)
    tx.write(HAPPENINGS, new_happening(case.id, _happening(made, stage)))
    event = SubmissionReviewed(
        reference=reference,
        area=case.area,
        submission=made.submission,
        outcome=made.outcome,
        reviewed_at=now,
    )
    version = await bump_version(tx.session, case)
    await tx.publish(event, subject=reference, key=case.id, sequence=version)
    return made


def _happening(made: Review, stage: str) -> Happening:
    found = "accepted it" if made.outcome == "accepted" else "returned it for more"
    return Happening(
        at=made.reviewed_at,
        service="intake",
        what="submission.reviewed",
        text=f"An inspector read the {stage} and {found}.",
        facts={"submission": made.submission, "outcome": made.outcome},
        trace_id=current_trace_id(),
    )
