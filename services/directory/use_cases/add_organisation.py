"""Enter an organisation and the areas it covers."""

from datetime import datetime

from services.directory.domain.organisation import Cover, Organisation, found_organisation
from services.directory.storage.areas import load_areas
from services.directory.storage.organisations import add_organisation as add_rows
from services.directory.storage.organisations import load_organisation
from shared.audit import record
from shared.errors import Conflict
from shared.transaction import Transaction


async def add_organisation(
    tx: Transaction,
    *,
    code: str,
    name: str,
    kind: str,
    covers: tuple[Cover, ...],
    actor: str,
    now: datetime,
) -> Organisation:
    """The organisation under its code, which is given once and for all."""
    known = frozenset(area.gss_code for area in await load_areas(tx.session))
    organisation = found_organisation(code, name, kind, covers, known)
    if await load_organisation(tx.session, code) is not None:
        raise Conflict(f"There is an organisation with the code {code} already.")
    await add_rows(tx.session, organisation)
    await record(tx, actor=actor, act="organisation added", subject=code, now=now)
    return organisation
