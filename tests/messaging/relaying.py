"""A relay in a process of its own, to be stopped, frozen and killed: `URL BOOTSTRAP SERVICE LEASE`.

A number after these says in which transaction of its life it freezes itself, before the commit;
`for-good` after that takes away the time after which the server undoes it.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from shared.database import Database
from tests.messaging.ledger import Ledger

FROZEN_FOR_GOOD = "for-good"


async def relay(url: str, bootstrap: str, name: str, lease: float) -> None:
    ledger = Ledger(url, bootstrap, name)
    relay = ledger.relay(lease)
    await relay.start()
    print("started", flush=True)
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    await over.wait()
    await relay.stop()
    await ledger.database.dispose()


def freeze_in_transaction(number: int, for_good: bool) -> None:
    """As `kill -STOP` from outside, with every lock that the transaction has taken."""
    begin: Any = Database.begin_briefly
    left = iter(range(number - 1, -1, -1))

    @asynccontextmanager
    async def freezing(self: Database, seconds: float) -> AsyncIterator[Any]:
        async with begin(self, 0 if for_good else seconds) as connection:
            yield connection
            if next(left, None) == 0:
                os.kill(os.getpid(), signal.SIGSTOP)

    Database.begin_briefly = freezing


if __name__ == "__main__":
    _, url, bootstrap, name, lease, *freezing = sys.argv
    if freezing:
        freeze_in_transaction(int(freezing[0]), FROZEN_FOR_GOOD in freezing)
    asyncio.run(relay(url, bootstrap, name, float(lease)))
