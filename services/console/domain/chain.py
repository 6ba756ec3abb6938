"""Whether messages flow through a service, judged from what it says of itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

WELL, ATTENTION, DOWN = "well", "attention", "down"
# An event is sent within a second or so; one that waits longer waits for something.
OLD_SECONDS = 60
MUCH_LAG = 500


@dataclass(frozen=True, slots=True)
class Link:
    """One service's part of the chain; `why` says in sentences what needs looking at."""

    service: str
    state: str
    why: tuple[str, ...] = ()
    unsent: int = 0
    oldest_seconds: float = 0
    parked: int = 0
    consumers: Sequence[Mapping[str, Any]] = ()
    timers: Sequence[Mapping[str, Any]] = ()
    relays: Sequence[Mapping[str, Any]] = ()
    workers: int = 0
    # Name, whether it is well, and what it says: `/health/ready` as the service itself sees it.
    checks: Sequence[tuple[str, bool, Mapping[str, Any]]] = ()

    @property
    def lag(self) -> int:
        """Messages that wait to be read."""
        return sum(int(one.get("lag") or 0) for one in self.consumers)


def down(service: str, why: str) -> Link:
    """A service that did not answer."""
    return Link(service, DOWN, (why,))


def judged(service: str, told: Mapping[str, Any], checks: Mapping[str, Any] | None = None) -> Link:
    """A service that answered; what it does not mention counts as nothing."""
    outbox = told.get("outbox") or {}
    link = Link(
        service=service,
        state=WELL,
        unsent=int(outbox.get("unsent") or 0),
        oldest_seconds=float(outbox.get("oldest_seconds") or 0),
        parked=int((told.get("parked") or {}).get("waiting") or 0),
        consumers=_by_place(told.get("consumers")),
        timers=_list(told.get("timers")),
        relays=_list(told.get("relay")),
        workers=len(_list(told.get("workers"))),
        checks=_checks(checks or {}),
    )
    why = tuple(_why(link))
    return replace(link, state=ATTENTION, why=why) if why else link


def _why(link: Link) -> list[str]:
    late = [str(one.get("name")) for one in link.timers if one.get("failures")]
    ill = [name for name, well, _ in link.checks if not well]
    found = {
        "No worker reports: nothing is sent or read.": not link.workers,
        "Events wait to be sent: is the bus away?": link.oldest_seconds > OLD_SECONDS,
        "Many messages wait to be read.": link.lag > MUCH_LAG,
        "Messages are parked and wait for a decision.": link.parked > 0,
        f"Failing: {', '.join(late)}.": bool(late),
        f"Not well, it says itself: {', '.join(ill)}.": bool(ill),
    }
    return [sentence for sentence, true in found.items() if true]


def _checks(given: Mapping[str, Any]) -> list[tuple[str, bool, Mapping[str, Any]]]:
    told = [(name, check) for name, check in given.items() if isinstance(check, Mapping)]
    return [(name, bool(check.get("ok")), _facts(check)) for name, check in told]


def _facts(check: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in check.items() if name not in {"ok", "ms"}}


def _by_place(given: Any) -> list[Mapping[str, Any]]:
    return sorted(
        _list(given), key=lambda one: (str(one.get("topic")), int(one.get("partition") or 0))
    )


def _list(given: Any) -> list[Mapping[str, Any]]:
    if isinstance(given, Mapping):
        return [given]
    return [one for one in given or () if isinstance(one, Mapping)]
