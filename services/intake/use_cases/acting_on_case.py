"""What every act on a case has in common: the locked case, its line in the timeline, its event."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from services.intake.domain.case import Case
from services.intake.domain.case_act import CaseAct, Did
from services.intake.domain.timeline import Happening
from services.intake.storage.case_acts import insert_case_act
from services.intake.storage.happenings import HAPPENINGS, new_happening
from services.intake.storage.notifications import bump_version, load_sealed, lock_case
from services.intake.storage.sealing import case_cipher
from shared.access.principal import Principal
from shared.confidential.fields import FieldCipher
from shared.events.envelope import Event
from shared.telemetry import REFERENCE, annotate, current_trace_id
from shared.transaction import Transaction


@dataclass(frozen=True, slots=True)
class By:
    """Who acts when; `permit` raises when they meant another version of the case."""

    principal: Principal
    now: datetime
    permit: Callable[[int], None] = lambda _: None

    def act(self, what: Did, reason: str = "") -> CaseAct:
        """A new act of this person."""
        return CaseAct(str(uuid4()), what, self.now, self.principal.subject, reason)


async def case_to_act_on(tx: Transaction, reference: str, by: By) -> Case:
    """The case, locked; `NotFound` where it is not this person's."""
    annotate(**{REFERENCE: reference})
    case = await lock_case(tx.session, reference)
    by.principal.require_area(case.area, "notification")
    by.permit(case.version)
    return case


async def keep_and_tell(
    tx: Transaction, ring: FieldCipher, case: Case, made: CaseAct, text: str, event: Event
) -> None:
    """Write the act with its reason sealed, a line of the timeline, and the event."""
    wrapped, _ = await load_sealed(tx.session, case)
    await insert_case_act(tx.session, case_cipher(ring, case.id, wrapped), case, made)
    tx.write(HAPPENINGS, new_happening(case.id, _happening(made, text)))
    version = await bump_version(tx.session, case)
    await tx.publish(event, subject=case.reference, key=case.id, sequence=version)


def _happening(made: CaseAct, text: str) -> Happening:
    facts = {"act": made.id, "field": made.field}
    facts |= {"decision": made.decision, "submission": made.submission}
    facts |= {name: at.isoformat() for name in ("before", "after") if (at := getattr(made, name))}
    return Happening(
        at=made.recorded_at,
        service="intake",
        what=_WHAT[made.what],
        text=text,
        facts={name: value for name, value in facts.items() if value is not None},
        trace_id=current_trace_id(),
    )


_WHAT = {
    Did.CORRECTED: "date.corrected",
    Did.RATIFIED: "review.ratified",
    Did.WITHDRAWN: "notification.withdrawn",
    Did.CLOSED: "case.closed",
    Did.REOPENED: "case.reopened",
}
