"""Read one case with everything handed in, as far as the reader may see it; reading is audited."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.intake.domain.case import Case, Review, Submission
from services.intake.domain.case_act import CaseAct
from services.intake.domain.sealed import Personal
from services.intake.storage.case_acts import load_case_acts
from services.intake.storage.decisions import Decision, load_decisions
from services.intake.storage.notifications import load_sealed, lock_case
from services.intake.storage.reviews import load_reviews
from services.intake.storage.sealing import case_cipher, open_personal
from services.intake.storage.submissions import load_submissions
from shared.access.principal import CASE_READERS, Principal, Role
from shared.audit import record
from shared.confidential.fields import FieldCipher
from shared.telemetry import REFERENCE, annotate
from shared.transaction import Transaction

OWN_PEOPLE = CASE_READERS - {Role.NOTIFIER, Role.SERVICE}


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case and all that belongs to it; `personal` is None for another service."""

    case: Case
    personal: Personal | None
    submissions: Sequence[Submission]
    decisions: Sequence[Decision]
    reviews: Sequence[Review]
    acts: Sequence[CaseAct]

    @property
    def ratified_at(self) -> datetime | None:
        """When the review was ratified, as corrected since."""
        said = [one.after for one in self.acts if one.tells_ratified]
        return said[-1] if said else None


async def show_notification(
    tx: Transaction, ring: FieldCipher, reference: str, reader: Principal, now: datetime
) -> CaseFile:
    """The case file; raises `NotFound` for an area that is not the reader's."""
    annotate(**{REFERENCE: reference})
    case = await lock_case(tx.session, reference)
    reader.require_area(case.area, "notification")
    wrapped, sealed = await load_sealed(tx.session, case)
    cipher = case_cipher(ring, case.id, wrapped)
    personal = None
    if reader.roles != {Role.SERVICE}:
        personal = open_personal(cipher, case.id, sealed)
        await record(tx, actor=reader.subject, act="notification.read", subject=reference, now=now)
    handed_in = await load_submissions(tx.session, cipher, case.id)
    acts = await load_case_acts(tx.session, cipher, case.id)
    return CaseFile(
        case=case,
        personal=personal,
        submissions=[_handed_in(reader, one) for one in handed_in],
        decisions=await load_decisions(tx.session, case.id),
        reviews=await load_reviews(tx.session, cipher, case.id),
        acts=[_for(reader, one) for one in acts],
    )


def _for(reader: Principal, act: CaseAct) -> CaseAct:
    """People may write names into a reason, so other services get acts without.

    Whose account did it is for our own people; anybody knows what they did themselves.
    """
    if not reader.has(*OWN_PEOPLE) and reader.subject != act.recorded_by:
        act = replace(act, recorded_by="")
    return replace(act, reason="") if reader.roles == {Role.SERVICE} else act


def _handed_in(reader: Principal, made: Submission) -> Submission:
    """They get submissions without as well."""
    return replace(made, late_reason=None) if reader.roles == {Role.SERVICE} else made
