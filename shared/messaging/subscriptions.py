"""Which function of a service takes which message, and whether a message concerns it at all."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from opentelemetry.trace import Span, format_trace_id

from shared.events.envelope import Event, Headers
from shared.events.topics import TOPIC_OF_EVENT, Topic
from shared.messaging import spans
from shared.messaging.delivery import Delivery, delivery_id
from shared.messaging.failures import Undecodable, decode
from shared.messaging.runs import Handler, runs
from shared.transaction import Transaction

E = TypeVar("E", bound=Event)
EventHandler = Callable[[Transaction, Any, Headers], Awaitable[None]]
RawHandler = Callable[[Transaction, Delivery], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Received(Generic[E]):
    """One event of a batch, with the span that says in its own trace what it caused."""

    event: E
    headers: Headers
    span: Span

    @property
    def trace_id(self) -> str:
        """Its trace, as 32 hex digits."""
        return format_trace_id(self.span.get_span_context().trace_id)

    @property
    def traceparent(self) -> str | None:
        """What whoever goes on in its trace is handed."""
        return spans.traceparent_of(self.span)

    def traced(self) -> AbstractContextManager[object]:
        """What is published in here belongs to this event's trace."""
        return spans.current(self.span)


BatchHandler = Callable[[Transaction, Sequence[Received[Any]]], Awaitable[None]]


class Subscriptions:
    """The subscribers of one service.

    A handler is called inside an open transaction in which the message's inbox row is written; it
    must do nothing that the transaction does not undo.
    """

    def __init__(self, service: str) -> None:
        self.service = service
        self.topics: list[str] = []
        self._kinds: dict[str, type[Event]] = {}
        self._events: dict[str, Handler] = {}
        self._raw: dict[str, Handler] = {}

    def on(self, event: type[E]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register `handler(tx, event, headers)` for one event; its topic follows from the map."""

        def register(handler: EventHandler) -> EventHandler:
            async def one_by_one(tx: Transaction, deliveries: Sequence[Delivery]) -> None:
                for delivery in deliveries:
                    await self._handle_events(tx, [delivery], alone)

            async def alone(tx: Transaction, received: Sequence[Received[Any]]) -> None:
                await handler(tx, received[0].event, received[0].headers)

            self._listen(one_by_one, event)
            return handler

        return register

    def on_batch(self, *events: type[Event]) -> Callable[[BatchHandler], BatchHandler]:
        """Register `handler(tx, received)` for several kinds of events, as many as came at once.

        They are handed over in order. If it raises, it is asked again with fewer, in the end with
        one: it must not matter to it how many it gets.
        """

        def register(handler: BatchHandler) -> BatchHandler:
            async def together(tx: Transaction, deliveries: Sequence[Delivery]) -> None:
                await self._handle_events(tx, deliveries, handler)

            self._listen(together, *events)
            return handler

        return register

    def on_raw(self, topic: Topic) -> Callable[[RawHandler], RawHandler]:
        """Register `handler(tx, delivery)` for every record of a topic, whatever it holds.

        Each record is delivered once by its place in the log: the handler decides what a repeat is.
        """

        def register(handler: RawHandler) -> RawHandler:
            async def one_by_one(tx: Transaction, deliveries: Sequence[Delivery]) -> None:
                for delivery in deliveries:
                    await handler(tx, delivery)

            self._raw[topic.name] = one_by_one
            self._listen_to(topic)
            return handler

        return register

    def message_id(self, delivery: Delivery) -> str:
        """What a second delivery of the same message has again."""
        return delivery_id(delivery.raw) if self._is_raw(delivery) else delivery.id

    def concerns(self, delivery: Delivery) -> bool:
        """Whether we would act on it; what cannot be read might be for us."""
        headers = delivery.headers
        return self._is_raw(delivery) or headers is None or headers.type in self._events

    async def handle(self, tx: Transaction, deliveries: Sequence[Delivery]) -> None:
        """Give each to its function, in order; types this service has no use for are left out."""
        for handler, run in runs(deliveries, self._handler):
            await handler(tx, run)

    def _handler(self, delivery: Delivery) -> Handler | None:
        if self._is_raw(delivery):
            return self._raw[delivery.raw.topic]
        if delivery.headers is None:
            raise Undecodable(delivery.unreadable or "its headers cannot be read")
        return self._events.get(delivery.headers.type)

    async def _handle_events(
        self, tx: Transaction, deliveries: Sequence[Delivery], handler: BatchHandler
    ) -> None:
        told = [(one.raw.topic, one.headers) for one in deliveries if one.headers is not None]
        with spans.received_together(told, self.service) as each:
            received = [
                Received(decode(one.raw.value, self._kinds[headers.type]), headers, span)
                for one, (_, headers), span in zip(deliveries, told, each, strict=True)
            ]
            await handler(tx, received)
            await tx.session.flush()

    def _is_raw(self, delivery: Delivery) -> bool:
        return delivery.raw.topic in self._raw

    def _listen(self, handler: Handler, *events: type[Event]) -> None:
        for event in events:
            self._kinds[event.TYPE] = event
            self._events[event.TYPE] = handler
            self._listen_to(TOPIC_OF_EVENT[event])

    def _listen_to(self, topic: Topic) -> None:
        if topic.name not in self.topics:
            self.topics.append(topic.name)
