"""Find an attachment that the reader may read; the reading is audited."""

from datetime import datetime

from services.intake.domain.case import SubmittedFile
from services.intake.storage.notifications import load_sealed, lock_case
from services.intake.storage.sealing import case_cipher
from services.intake.storage.submissions import find_attachment
from shared.access.principal import Principal
from shared.audit import record
from shared.confidential.fields import FieldCipher
from shared.telemetry import REFERENCE, annotate
from shared.transaction import Transaction


async def open_attachment(
    tx: Transaction,
    ring: FieldCipher,
    reference: str,
    attachment: str,
    reader: Principal,
    now: datetime,
) -> SubmittedFile:
    """The attachment; raises `NotFound` for another case's, or a case that is not the reader's."""
    annotate(**{REFERENCE: reference})
    case = await lock_case(tx.session, reference)
    reader.require_area(case.area, "notification")
    wrapped, _ = await load_sealed(tx.session, case)
    cipher = case_cipher(ring, case.id, wrapped)
    found = await find_attachment(tx.session, cipher, case.id, attachment)
    await record(
        tx,
        actor=reader.subject,
        act="attachment.read",
        subject=reference,
        after={"attachment": attachment},
        now=now,
    )
    return found
