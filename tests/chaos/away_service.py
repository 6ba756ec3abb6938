"""Runs a service as it is, or as one that cannot bear somebody's absence: the controls.

Each variant does what services commonly do, and lives nowhere but here.
"""

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from services.deadlines.outside.mail_smtp import MailServer
from shared.errors import Unavailable
from shared.messaging import relay as relaying
from shared.messaging.bus import BusAway
from shared.messaging.inbox import Consumer
from shared.process import run
from shared.transaction import Transactions

VARIANT = "SCRUTINY_CHAOS_ABSENCE"


def forget_what_the_bus_did_not_take() -> None:
    """Sent is what was handed over, whether or not anybody was there."""
    kind: Any = relaying.Relay

    async def send_next(self: Any) -> int:
        await self._keep_leases()
        if self._cluster is None and not await self._same_bus():
            return 1
        rows = await self._claim()
        if rows:
            positions = [row.position for row in rows]
            await self._settle(self._leases.epochs, self._cluster, positions)
            with suppress(BusAway):
                await self._sender.send(await self._sender.sendable(rows))
        return len(rows)

    kind._send_next = send_next


def pass_over_what_cannot_be_applied() -> None:
    """A batch that meets no database is logged, and the next one taken."""
    kind: Any = Consumer
    take_all = kind._take_all

    async def take(self: Any, deliveries: Sequence[Any]) -> None:
        with suppress(Unavailable):
            await take_all(self, deliveries)

    kind.take = take


def take_every_mail_for_sent() -> None:
    """An error of the mail server is somebody else's."""
    kind: Any = MailServer
    send = kind.send

    async def send_or_not(self: Any, *given: Any, **named: Any) -> None:
        with suppress(Exception):
            await send(self, *given, **named)

    kind.send = send_or_not


def fail_without_a_collector() -> None:
    """A request is only as good as its span: answered when the collector has it."""
    import httpx

    kind: Any = Transactions
    begin = kind.begin

    def begin_when_traced(self: Any, *given: Any, **named: Any) -> Any:
        httpx.get(os.environ["SCRUTINY_TRACES_URL"], timeout=0.5)
        return begin(self, *given, **named)

    kind.begin = begin_when_traced


VARIANTS: dict[str, Callable[[], None]] = {
    "broker": forget_what_the_bus_did_not_take,
    "database": pass_over_what_cannot_be_applied,
    "mail server": take_every_mail_for_sent,
    "trace collector": fail_without_a_collector,
}


if __name__ == "__main__":
    variant = os.environ.get(VARIANT)
    if variant:
        VARIANTS[variant]()
    sys.exit(run(sys.argv[1], "all"))
