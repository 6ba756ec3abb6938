"""Everything that happened in a case, from all services, in order."""

from collections.abc import Sequence
from datetime import datetime

from services.intake.domain.timeline import Happening
from services.intake.storage.happenings import list_happenings
from services.intake.storage.notifications import load_case
from shared.access.principal import Principal
from shared.telemetry import REFERENCE, annotate
from shared.transaction import Transaction


async def show_timeline(
    tx: Transaction,
    reference: str,
    reader: Principal,
    after: tuple[datetime, int] | None,
    limit: int,
) -> Sequence[tuple[int, Happening]]:
    """Lines with their positions; raises `NotFound` for an area that is not the reader's."""
    annotate(**{REFERENCE: reference})
    case = await load_case(tx.session, reference)
    reader.require_area(case.area, "notification")
    return await list_happenings(tx.session, case.id, after, limit)
