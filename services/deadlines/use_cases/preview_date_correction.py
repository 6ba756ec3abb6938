"""What a wrong date, once it was put right, would make of a case's clocks; nothing is changed."""

from dataclasses import dataclass
from datetime import datetime

from services.deadlines.domain.corrections import corrected
from services.deadlines.domain.moves import Moved
from services.deadlines.domain.regime_scope import under
from services.deadlines.domain.rulebook import Rulebook
from services.deadlines.storage.calendars import hold_pinned, read_newest
from services.deadlines.storage.regimes import standing_regimes
from services.deadlines.use_cases.known_case import readable_case
from services.deadlines.use_cases.recompute import compare
from shared.access.date_corrections import require_corrector
from shared.access.principal import Principal
from shared.transaction import Transaction


@dataclass(frozen=True, slots=True)
class CorrectionAsked:
    """Which date of which case would say what; of decisions and reports, `before` says which."""

    reference: str
    field: str
    before: datetime | None
    after: datetime


async def preview_date_correction(
    tx: Transaction, rulebook: Rulebook, asked: CorrectionAsked, reader: Principal, now: datetime
) -> list[Moved]:
    """Every clock that would say something else; for those who may put that date right."""
    require_corrector(reader, asked.field)
    await read_newest(tx.session, rulebook.shelf)
    case = await readable_case(tx, asked.reference, reader)
    facts = corrected(case.facts, asked.field, asked.before, asked.after)
    after = under(case.knowing(facts), await standing_regimes(tx.session))
    await hold_pinned(tx.session, rulebook, [case, after])
    return [one for one in compare(rulebook, case, after, now) if one.differs]
