"""Runs a real service that kills itself at one exact point: `python -m tests.chaos.killing MODULE`.

What it is told comes in `SCRUTINY_ATTACK` as JSON; see `Orders`. Without a point it is the
service as it is, with leases and sessions that end sooner.
"""

import os
import runpy
import signal
import sys
import time
from functools import partial
from importlib import import_module
from typing import Any

import msgspec

from tests.chaos import kill_points
from tests.chaos.broken_variants import VARIANTS

VARIABLE = "SCRUTINY_ATTACK"
# A lease or a session of a killed process is waited for; 10 seconds each would only make every
# kill take longer.
LEASE_SECONDS = 4.0
SESSION_MILLISECONDS = 2000


class Orders(msgspec.Struct, frozen=True):
    """Die at the `crossing`th passing of `point` from `after` seconds on, and say so in `mark`."""

    mark: str
    point: str | None = None
    crossing: int = 1
    after: float = 0.0
    variant: str | None = None

    def environment(self) -> dict[str, str]:
        """How a process is told."""
        return {VARIABLE: msgspec.json.encode(self).decode()}


def obey(orders: Orders) -> None:
    """Change this process; the service's own modules are imported afterwards."""
    _shorten_waits()
    kill_points.mark_work()
    if orders.variant is not None:
        VARIANTS[orders.variant]()
    if orders.point is not None:
        kill_points.call_at(orders.point, Killer(orders).crossed)


class Killer:
    """Counts crossings, and at the last leaves a line in a file and no other trace."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._left = orders.crossing
        self._from = time.monotonic() + orders.after
        self._mark = os.open(orders.mark, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def crossed(self) -> None:
        """One more; the last is the end."""
        if time.monotonic() < self._from:
            return
        self._left -= 1
        if self._left == 0:
            os.write(self._mark, f"{self._orders.point}\n".encode())
            os.kill(os.getpid(), signal.SIGKILL)


def _shorten_waits() -> None:
    broker: Any = import_module("shared.messaging.broker")
    broker.SESSION_MILLISECONDS = SESSION_MILLISECONDS
    service: Any = import_module("shared.service")
    service.Relay = partial(service.Relay, lease_seconds=LEASE_SECONDS)


if __name__ == "__main__":
    obey(msgspec.json.decode(os.environ[VARIABLE], type=Orders))
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
