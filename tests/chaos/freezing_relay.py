"""A relay in a process of its own that freezes itself at a named point: `URL BOOTSTRAP NAME LEASE`.

`SIGUSR1`, `SIGUSR2` and `SIGWINCH` say at which point the next freeze is.
`SCRUTINY_CHAOS_FENCING=off` makes it one that never doubts its lease: the control of the attack,
which lives nowhere but here.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from shared.database import Database
from shared.messaging import relay as relaying
from shared.messaging.leases import Leases
from shared.messaging.sending import Sender
from tests.messaging.ledger import Ledger

HANDING_OVER, SETTLING, IN_TRANSACTION = signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH
UNFENCED = os.environ.get("SCRUTINY_CHAOS_FENCING") == "off"

_armed: set[signal.Signals] = set()


def freeze_if_told(point: signal.Signals) -> None:
    """As `kill -STOP` from outside, at exactly this place."""
    if point in _armed:
        _armed.discard(point)
        os.kill(os.getpid(), signal.SIGSTOP)


def freeze_while_handing_over() -> None:
    """After the relay was sure of its lease, and before the first event is on its way."""
    send: Any = Sender.send

    async def freezing(self: Sender, rows: Sequence[Any]) -> Any:
        freeze_if_told(HANDING_OVER)
        return await send(self, rows)

    Sender.send = freezing


def freeze_before_settling() -> None:
    """Between the bus's acknowledgement and the mark in the outbox."""
    mark: Any = relaying.mark_sent

    async def freezing(*given: Any, **named: Any) -> Any:
        freeze_if_told(SETTLING)
        return await mark(*given, **named)

    relaying.mark_sent = freezing


def freeze_in_transactions() -> None:
    """After its statements and before its commit, with every lock it has taken."""
    begin: Any = Database.begin_briefly

    @asynccontextmanager
    async def freezing(self: Database, seconds: float) -> AsyncIterator[Any]:
        async with begin(self, seconds) as connection:
            yield connection
            freeze_if_told(IN_TRANSACTION)

    Database.begin_briefly = freezing


def never_doubt_the_lease() -> None:
    """Fencing off: whoever once had a shard takes it for its own when it wakes."""

    def hold(self: Leases) -> bool:
        return True

    Leases.hold = hold


async def relay(url: str, bootstrap: str, name: str, lease: float) -> None:
    ledger = Ledger(url, bootstrap, name)
    relay = ledger.relay(lease)
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    for point in (HANDING_OVER, SETTLING, IN_TRANSACTION):
        loop.add_signal_handler(point, _armed.add, point)
    loop.add_signal_handler(signal.SIGTERM, over.set)
    await relay.start()
    print("started", flush=True)
    await over.wait()
    await relay.stop()
    await ledger.database.dispose()


def main(given: Sequence[str]) -> None:
    freeze_while_handing_over()
    freeze_before_settling()
    freeze_in_transactions()
    if UNFENCED:
        never_doubt_the_lease()
    url, bootstrap, name, lease = given
    asyncio.run(relay(url, bootstrap, name, float(lease)))


if __name__ == "__main__":
    main(sys.argv[1:])
