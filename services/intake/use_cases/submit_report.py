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
    """What came with the request: the stage and the files, already in object storage."""

    stage: str
    files: Sequence[SubmittedFile]


async def submit_report(
    tx: Transaction,
    ring: FieldCipher,
    reference: str,
    handed_in: HandedIn,
    by: Principal,
    now: datetime,
) -> Submission:
    """The submission; raises `NotFound` for a case of another area, `Invalid` for its stage."""
    annotate(**{REFERENCE: reference})
    case = await lock_case(tx.session, reference)
    by.require_area(case.area, "notification")
    require_open(case)
    errors = stage_errors(case, handed_in.stage)
    if errors:
        raise Invalid(*errors)
    made = Submission(str(uuid4()), handed_in.stage, now, by.subject, tuple(handed_in.files))
    wrapped, _ = await load_sealed(tx.session, case)
    await insert_submission(tx.session, case_cipher(ring, case.id, wrapped), case.id, made)
    tx.write(HAPPENINGS, new_happening(case.id, _happening(made)))
    version = await bump_version(tx.session, case)
    await tx.publish(_event(case, made), subject=reference, key=case.id, sequence=version)
    return made


def _happening(made: Submission) -> Happening:
    count = len(made.files)
    attached = f"{count} attachment" + ("" if count == 1 else "s")
    return Happening(
        at=made.submitted_at,
        service="intake",
        what="report.submitted",
        text=f"The {made.stage} was handed in with {attached}.",
        facts={"stage": made.stage, "submission": made.id, "attachments": count},
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
    )
