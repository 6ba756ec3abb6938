"""Keep up with who is link inspector, as the directory tells it."""

from dataclasses import replace

from services.inspections.domain.link_inspector import Tenure
from services.inspections.storage.link_inspectors import keep_tenure, load_tenure
from shared.transaction import Transaction


async def follow_appointment(tx: Transaction, told: Tenure) -> bool:
    """Whether what was told is news; told again, or after something later, it changes nothing."""
    known = await load_tenure(tx.session, told.appointment)
    if told.starts_on is None and known is not None:
        told = replace(told, starts_on=known.starts_on)
    return await keep_tenure(tx.session, told)
