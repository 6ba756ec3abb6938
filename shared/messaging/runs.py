"""A batch cut into runs that one handler takes together, without changing the order of any key."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from shared.messaging.delivery import Delivery
from shared.messaging.spans import trace_of
from shared.transaction import Transaction

Handler = Callable[[Transaction, Sequence[Delivery]], Awaitable[None]]
Run = tuple[Handler, list[Delivery]]

# So few are taken trace by trace: a quiet system shows every statement in the trace it belongs to.
FEW = 8


def runs(
    deliveries: Sequence[Delivery], handler_of: Callable[[Delivery], Handler | None]
) -> list[Run]:
    """What each handler takes, in the order to take it; what has no handler is left out.

    A message joins the newest run of its handler, unless a later run has one of its own lane.
    """
    found: list[Run] = []
    newest: dict[Any, int] = {}
    seen: dict[str, int] = {}
    for delivery in deliveries:
        handler = handler_of(delivery)
        if handler is None:
            continue
        place = handler, _trace_of(delivery) if len(deliveries) <= FEW else None
        number = newest.get(place, -1)
        if number < seen.get(delivery.lane, 0):
            number = newest[place] = len(found)
            found.append((handler, []))
        found[number][1].append(delivery)
        seen[delivery.lane] = number
    return found


def _trace_of(delivery: Delivery) -> str | None:
    return trace_of(delivery.headers) if delivery.headers else None
