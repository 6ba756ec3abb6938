"""Hand in a report or review for one stage of a case; what is handed in is never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from services.intake.domain.case import (
    Case,
    Submission,
    SubmittedFile,
    require_open,
    stage_errors,
)
from services.intake.domain.lateness import late_report_errors
from services.intake.domain.timeline import Happening
from services.intake.storage.happenings import HAPPENINGS, new_happening
from services.intake.storage.notifications import bump_version, load_sealed, lock_case
from services.intake.storage.sealing import case_cipher
from services.intake.storage.submissions import insert_submission
from shared.access.principal import Principal
from shared.confidential.fields import FieldCipher
from shared.errors import Invalid
from shared.events.intake import ReportSubmitted
from shared.telemetry import REFERENCE, annotate, current_trace_id
from shared.transaction import Transaction


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What came with the request: the stage, the files, already in object storage, and why late."""

    stage: str
    files: Sequence[SubmittedFile]
    late_reason: str | None = None


async def submit_report(
    tx: Transaction,
    ring: FieldCipher,
    reference: str,
    handed_in: HandedIn,
    by: Principal,
    now: datetime,
) -> Submission:
    """The submission; raises `NotFound` for a case of another area, or `Invalid`."""
    annotate(**{REFERENCE: reference})
    case = await lock_case(tx.session, reference)
    by.require_area(case.area, "notification")
    require_open(case)
    stage, late_reason = handed_in.stage, handed_in.late_reason
    errors = (*stage_errors(case, stage), *late_report_errors(case, stage, late_reason, now))
    if errors:
        raise Invalid(*errors)
    made = Submission(
        id=str(uuid4()),
        stage=stage,
        submitted_at=now,
        submitted_by=by.subject,
        files=tuple(handed_in.files),
        late_reason=late_reason,
    )
    wrapped, _ = await load_sealed(tx.session, case)
    await insert_submission(tx.session, case_cipher(ring, case.id, wrapped), case.id, made)
    tx.write(HAPPENINGS, new_happening(case.id, _happening(made)))
    version = await bump_version(tx.session, case)
    await tx.publish(_event(case, made), subject=reference, key=case.id, sequence=version)
    return made


def _happening(made: Submission) -> Happening:
    count = len(made.files)
    attached = f"{count} attachment" + ("" if count == 1 else "s")
    late = made.late_reason is not None
    why = ", and why it is late" if late else ""
    return Happening(
        at=made.submitted_at,
        service="intake",
        what="report.submitted",
        text=f"The {made.stage} was handed in with {attached}{why}.",
        facts={
            "stage": made.stage,
            "submission": made.id,
            "attachments": count,
            "late_reason_given": late,
        },
        trace_id=current_trace_id(),
    )


def _event(case: Case, made: Submission) -> ReportSubmitted:
    return ReportSubmitted(
        reference=case.reference,
        kind=case.kind,
        area=case.area,
        stage=made.stage,
        submission=made.id,
        submitted_at=made.submitted_at,
        late_reason_given=made.late_reason is not None,
    )
