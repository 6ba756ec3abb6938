"""List the cases that exist for the reader."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from services.intake.domain.case import Case
from services.intake.storage.notifications import CaseFilter, list_cases
from shared.access.principal import Principal
from shared.transaction import Transaction


async def list_notifications(
    tx: Transaction,
    reader: Principal,
    area: str | None,
    wanted: CaseFilter,
    before: tuple[datetime, str] | None,
    limit: int,
) -> Sequence[Case]:
    """The newest first; an area that is not the reader's has no cases for them."""
    areas = _areas(reader, area)
    if areas is not None and not areas:
        return []
    return await list_cases(tx.session, replace(wanted, areas=areas), before, limit)


def _areas(reader: Principal, area: str | None) -> frozenset[str] | None:
    if area is None:
        return reader.areas
    return frozenset({area}) if reader.may_see(area) else frozenset()
