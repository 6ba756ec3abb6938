"""Ways in which a server is away, and how each ends; nobody is told of either."""

import random
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.chaos.far_ground import FarGround
from tests.chaos.ground import ATTACKED
from tests.chaos.proxy import Proxy

SECONDS, MINUTES = (2.0, 5.0), (60.0, 80.0)
# Of ten absences so many last for minutes.
LONG = 3


@dataclass(frozen=True)
class Absence:
    """What is away and how, for how many seconds, and which service is told to stop meanwhile."""

    what: str
    how: str
    seconds: float
    stopped: str | None = None


Act = Callable[[FarGround], Any]


def _proxy(ground: FarGround, what: str) -> Proxy:
    return {
        "broker": ground.bus,
        "database": ground.database,
        "mail server": ground.mail_way,
        "trace collector": ground.collector,
    }[what]


SERVERS = {"broker": "kafka", "database": "postgres"}


def _of_proxy(act: Callable[[Proxy], None], what: str) -> Act:
    return lambda ground: act(_proxy(ground, what))


def _ways(what: str) -> dict[str, tuple[Act, Act]]:
    back = _of_proxy(Proxy.restore, what)
    ways: dict[str, tuple[Act, Act]] = {
        "refuses": (_of_proxy(Proxy.refuse, what), back),
        "swallows": (_of_proxy(Proxy.swallow, what), back),
    }
    if what in SERVERS:
        name = SERVERS[what]
        ways["frozen"] = (
            lambda ground: ground.signal_server(name, signal.SIGSTOP),
            lambda ground: ground.signal_server(name, signal.SIGCONT),
        )
        ways["killed"] = (
            lambda ground: ground.kill_server(name),
            lambda ground: ground.start_server(name),
        )
    if what == "mail server":
        ways["turns away"] = (
            lambda ground: setattr(ground.mail, "refuses", True),
            lambda ground: setattr(ground.mail, "refuses", False),
        )
    return ways


WAYS = {what: _ways(what) for what in ("broker", "database", "mail server", "trace collector")}


def plan(what: str, seed: int, count: int) -> Sequence[Absence]:
    """So many absences of one thing: every way in turn, some for minutes, some with a stop."""
    chance = random.Random(f"{seed}/{what}")
    ways = sorted(WAYS[what])
    chance.shuffle(ways)
    made = []
    for number in range(max(count, len(ways))):
        span = MINUTES if count >= 10 and number % (count // LONG) == 1 else SECONDS
        stopped = chance.choice(ATTACKED) if number % 2 else None
        way = ways[number % len(ways)]
        made.append(Absence(what, way, round(chance.uniform(*span), 1), stopped))
    return made


async def begin(ground: FarGround, absence: Absence) -> None:
    """It is away from here on."""
    await _done(WAYS[absence.what][absence.how][0](ground))


async def end(ground: FarGround, absence: Absence) -> None:
    """It is back."""
    await _done(WAYS[absence.what][absence.how][1](ground))


async def _done(act: Awaitable[None] | None) -> None:
    if act is not None:
        await act
