"""Correct what was handed in without changing it: an addendum stands beside the original."""

from datetime import datetime
from uuid import uuid4

from services.intake.domain.case import Submission, require_open
from services.intake.domain.timeline import Happening
from services.intake.storage.happenings import HAPPENINGS, new_happening
from services.intake.storage.notifications import bump_version, load_sealed, lock_case
from services.intake.storage.sealing import case_cipher
from services.intake.storage.submissions import find_submission, insert_submission
from services.intake.use_cases.submit_report import HandedIn
from shared.access.principal import Principal
from shared.confidential.fields import FieldCipher
from shared.events.intake import AddendumAdded
from shared.telemetry import REFERENCE, annotate, current_trace_id
from shared.transaction import Transaction


async def add_addendum(
    tx: Transaction,
    ring: FieldCipher,
    reference: str,
    handed_in: HandedIn,
    by: Principal,
    now: datetime,
) -> Submission:
    """The addendum to the submission that `handed_in.stage` names by its id."""
    annotate(**{REFERENCE: reference})
    case = await lock_case(tx.session, reference)
    by.require_area(case.area, "notification")
    require_open(case)
    stage = await find_submission(tx.session, case.id, handed_in.stage)
    made = Submission(
        id=str(uuid4()),
        stage=stage,
        submitted_at=now,
        submitted_by=by.subject,
        files=tuple(handed_in.files),
        addendum_to=handed_in.stage,
        late_reason=handed_in.late_reason,
    )
    wrapped, _ = await load_sealed(tx.session, case)
    await insert_submission(tx.session, case_cipher(ring, case.id, wrapped), case.id, made)
    tx.write(HAPPENINGS, new_happening(case.id, _happening(made)))
    event = AddendumAdded(reference=reference, area=case.area, addendum=made.id, added_at=now)
    version = await bump_version(tx.session, case)
    await tx.publish(event, subject=reference, key=case.id, sequence=version)
    return made


def _happening(made: Submission) -> Happening:
    return Happening(
        at=made.submitted_at,
        service="intake",
        what="addendum.added",
        text=f"An addendum to the {made.stage} was added; the original stands.",
        facts={
            "submission": made.addendum_to,
            "addendum": made.id,
            "late_reason_given": made.late_reason is not None,
        },
        trace_id=current_trace_id(),
    )
