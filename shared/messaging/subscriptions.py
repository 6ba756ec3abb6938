"""Which function of a service takes which message, and whether a message concerns it at all."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from shared.events.envelope import Event, Headers
from shared.events.topics import TOPIC_OF_EVENT, Topic
from shared.messaging import spans
from shared.messaging.delivery import Delivery, delivery_id
from shared.messaging.failures import Undecodable, decode
from shared.transaction import Transaction

E = TypeVar("E", bound=Event)
EventHandler = Callable[[Transaction, Any, Headers], Awaitable[None]]
RawHandler = Callable[[Transaction, Delivery], Awaitable[None]]


class Subscriptions:
    """The subscribers of one service.

    A handler is called inside an open transaction in which the message's inbox row is written; it
    must do nothing that the transaction does not undo.
    """

    def __init__(self, service: str) -> None:
        self.service = service
        self.topics: list[str] = []
        self._events: dict[str, tuple[type[Event], EventHandler]] = {}
        self._raw: dict[str, RawHandler] = {}

    def on(self, event: type[E]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register `handler(tx, event, headers)` for one event; its topic follows from the map."""

        def register(handler: EventHandler) -> EventHandler:
            self._events[event.TYPE] = (event, handler)
            self._listen(TOPIC_OF_EVENT[event].name)
            return handler

        return register

    def on_raw(self, topic: Topic) -> Callable[[RawHandler], RawHandler]:
        """Register `handler(tx, delivery)` for every record of a topic, whatever it holds.

        Each record is delivered once by its place in the log: the handler decides what a repeat is.
        """

        def register(handler: RawHandler) -> RawHandler:
            self._raw[topic.name] = handler
            self._listen(topic.name)
            return handler

        return register

    def message_id(self, delivery: Delivery) -> str:
        """What a second delivery of the same message has again."""
        return delivery_id(delivery.raw) if self._is_raw(delivery) else delivery.id

    def concerns(self, delivery: Delivery) -> bool:
        """Whether we would act on it; what cannot be read might be for us."""
        headers = delivery.headers
        return self._is_raw(delivery) or headers is None or headers.type in self._events

    async def handle(self, tx: Transaction, delivery: Delivery) -> None:
        """Give it to its function; a type this service has no use for is passed over."""
        if self._is_raw(delivery):
            await self._raw[delivery.raw.topic](tx, delivery)
        elif delivery.headers is None:
            raise Undecodable(delivery.unreadable or "its headers cannot be read")
        elif delivery.headers.type in self._events:
            await self._handle_event(tx, delivery, delivery.headers)

    async def _handle_event(self, tx: Transaction, delivery: Delivery, headers: Headers) -> None:
        kind, handler = self._events[headers.type]
        with spans.received(delivery.raw.topic, headers, self.service):
            await handler(tx, decode(delivery.raw.value, kind), headers)
            await tx.session.flush()

    def _is_raw(self, delivery: Delivery) -> bool:
        return delivery.raw.topic in self._raw

    def _listen(self, topic: str) -> None:
        if topic not in self.topics:
            self.topics.append(topic)
