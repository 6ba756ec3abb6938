"""The named points at which a service is killed: seams of the real code, wrapped from outside.

Nothing in the product knows of them. Each names one function that everything passes through, and
whether the process dies before it is called or after it has returned.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from inspect import iscoroutinefunction
from typing import Any

# Set in whatever takes a message or publishes an event; the timers' own commits are not counted.
_AT_WORK: ContextVar[bool] = ContextVar("at_work", default=False)


def _always(*_: Any) -> bool:
    return True


def _at_work(*_: Any) -> bool:
    return _AT_WORK.get()


def _produces(_: Any, request: Any, *__: Any) -> bool:
    return type(request).__name__.startswith("ProduceRequest")


def _publishes(_: Any, statement: str, *__: Any) -> bool:
    return "INTO outbox" in statement


@dataclass(frozen=True, slots=True)
class Point:
    """`functions` are `module:name` or `module:Class.name`; `counts` says which calls are meant."""

    functions: tuple[str, ...]
    after: bool
    counts: Callable[..., bool] = _always


_INBOX = ("shared.transaction:Transaction.first_times",)
_EFFECT = ("shared.messaging.subscriptions:Subscriptions.handle",)
_OUTBOX = ("shared.transaction:Transaction._write_now",)
# What only writes is one statement, and commits with it.
_COMMIT = ("asyncpg.transaction:Transaction.commit", "shared.database:Database.run_alone")
_OFFSETS = ("aiokafka:AIOKafkaConsumer.commit",)
_SEND = ("aiokafka.conn:AIOKafkaConnection.send",)
_MARK = ("shared.messaging.relay:mark_sent",)

POINTS = {
    "before inbox insert": Point(_INBOX, after=False),
    "after inbox insert": Point(_INBOX, after=True),
    "before effect": Point(_EFFECT, after=False),
    "after effect": Point(_EFFECT, after=True),
    "before outbox insert": Point(_OUTBOX, after=False, counts=_publishes),
    "after outbox insert": Point(_OUTBOX, after=True, counts=_publishes),
    "before commit": Point(_COMMIT, after=False, counts=_at_work),
    "after commit": Point(_COMMIT, after=True, counts=_at_work),
    "before offset commit": Point(_OFFSETS, after=False),
    "after offset commit": Point(_OFFSETS, after=True),
    "before send": Point(_SEND, after=False, counts=_produces),
    # The bytes are with the operating system; no answer has been read.
    "after send, before acknowledgement": Point(_SEND, after=True, counts=_produces),
    "after acknowledgement, before mark sent": Point(_MARK, after=False),
    "after mark sent": Point(_MARK, after=True),
}


def mark_work() -> None:
    """From here on commits of a task that takes a message or publishes an event are told apart."""
    for function in (*_INBOX, "shared.transaction:Transaction.publish"):
        _replace(function, _marking)


def call_at(name: str, crossed: Callable[[], None]) -> None:
    """Call `crossed` whenever this process passes the point."""
    point = POINTS[name]
    for function in point.functions:
        _replace(function, lambda original: _wrapped(point, original, crossed))


def _replace(function: str, make: Callable[[Any], Any]) -> None:
    module, _, path = function.partition(":")
    *owner, name = path.split(".")
    place: Any = import_module(module)
    for part in owner:
        place = getattr(place, part)
    setattr(place, name, make(getattr(place, name)))


def _marking(original: Any) -> Any:
    @wraps(original)
    async def marked(*given: Any, **named: Any) -> Any:
        _AT_WORK.set(True)
        return await original(*given, **named)

    return marked


def _wrapped(point: Point, original: Any, crossed: Callable[[], None]) -> Any:
    """The same function, which says that it is about to be called or has returned."""

    def pass_by(given: tuple[Any, ...], *, after: bool) -> None:
        if point.after is after and point.counts(*given):
            crossed()

    async def waiting(*given: Any, **named: Any) -> Any:
        pass_by(given, after=False)
        result = await original(*given, **named)
        pass_by(given, after=True)
        return result

    def at_once(*given: Any, **named: Any) -> Any:
        pass_by(given, after=False)
        result = original(*given, **named)
        pass_by(given, after=True)
        return result

    return wraps(original)(waiting if iscoroutinefunction(original) else at_once)
