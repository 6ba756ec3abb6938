"""Remembers what the owners of feeds may see, as their tokens say whenever they call."""

from datetime import datetime, timedelta
from typing import Any

from litestar import Request

from services.deadlines.storage.feeds import find_owner
from services.deadlines.use_cases.make_feed import remember_owner
from shared.access.principal import Principal
from shared.clock import utc_now
from shared.errors import Unavailable
from shared.transaction import Transactions

# A token that says the same as before is written down again only after so long.
WRITTEN_EVERY = timedelta(hours=1)
MOST_REMEMBERED = 5000


class FeedOwners:
    """One per process; costs a look into memory where nothing has changed."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._known: dict[str, tuple[Principal, datetime]] = {}

    async def heard_of(self, request: Request[Any, Any, Any]) -> None:
        """Called before every request: whoever owns feeds sees by them what this token may see."""
        principal, now = request.scope.get("user"), utc_now()
        if not isinstance(principal, Principal):
            return
        known, at = self._known.get(principal.subject, (None, now))
        if known == principal and now - at < WRITTEN_EVERY:
            return
        try:
            await self._note(principal, now)
        except Unavailable:
            # Previews and rules are answered without the database; the next call tries again.
            return
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[principal.subject] = (principal, now)

    async def _note(self, principal: Principal, now: datetime) -> None:
        async with self._transactions.begin() as tx:
            if await find_owner(tx.session, principal.subject) is not None:
                await remember_owner(tx, principal, now)
