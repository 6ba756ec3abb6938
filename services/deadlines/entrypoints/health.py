"""What is owed and not yet done: reminders, changes of many cases, and mails."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from services.deadlines.storage.due_cases import count_stuck, waiting_since
from services.deadlines.storage.lone_cases import count_failed
from services.deadlines.storage.mails import count_owed
from shared.clock import utc_now
from shared.transaction import Transactions
from shared.web.health import Check

# A sweep begins every second; a case that waited for so long is waiting for nobody.
STUCK = timedelta(seconds=60)


class SweeperStuck(Exception):
    """Cases are due to be looked at, and nobody looks."""


def deadlines_checks(transactions: Transactions) -> Sequence[Check]:
    """Facts about each of them; a sweeper that stands still is not well."""

    async def ask_sweeper() -> Mapping[str, Any]:
        async with transactions.begin() as tx:
            waiting, longest = await waiting_since(tx.session, utc_now())
            stuck = await count_stuck(tx.session)
        if longest > STUCK:
            raise SweeperStuck
        oldest = round(longest.total_seconds(), 1)
        return {"waiting": waiting, "oldest_seconds": oldest, "set_aside": stuck}

    async def ask_changes() -> Mapping[str, Any]:
        async with transactions.begin() as tx:
            return {"set_aside": await count_failed(tx.session)}

    async def ask_mailer() -> Mapping[str, Any]:
        async with transactions.begin() as tx:
            return {"owed": await count_owed(tx.session)}

    return [
        Check("sweeper", ask_sweeper),
        Check("changes", ask_changes),
        Check("mailer", ask_mailer),
    ]
