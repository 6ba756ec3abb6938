"""A batch cut into runs that one handler takes together, without changing anybody's order."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

from shared.messaging.delivery import Delivery
from shared.messaging.spans import trace_of
from shared.transaction import Transaction

Handler = Callable[[Transaction, Sequence[Delivery]], Awaitable[None]]

# So few are taken trace by trace: a quiet system shows every statement in the trace it belongs to.
FEW = 8


def runs(
    deliveries: Sequence[Delivery], handler_of: Callable[[Delivery], Handler | None]
) -> Iterator[tuple[Handler, list[Delivery]]]:
    """Neighbours with one handler, as they came; what has no handler is left out."""

    def place(delivery: Delivery) -> tuple[Any, Any]:
        trace = _trace_of(delivery) if len(deliveries) <= FEW else None
        return handler_of(delivery), trace

    for (handler, _), run in groupby(deliveries, place):
        if handler is not None:
            yield handler, list(run)


def _trace_of(delivery: Delivery) -> str | None:
    return trace_of(delivery.headers) if delivery.headers else None
