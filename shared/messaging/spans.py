"""The spans of a message's journey: sent by the relay, received by a consumer, in one trace."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from shared import telemetry
from shared.events.envelope import Headers
from shared.events.partners import NotificationRefused

_TRACER = trace.get_tracer("scrutiny.messaging")
_PROPAGATOR = TraceContextTextMapPropagator()


def start_send(topic: str, headers: Headers) -> Span:
    """A producer span inside the trace that the event was born in; ended by `end`."""
    return _TRACER.start_span(
        f"send {topic}",
        context=telemetry.remote_context(headers.traceparent, headers.tracestate),
        kind=SpanKind.PRODUCER,
        attributes=attributes(topic, headers) | {telemetry.MESSAGING_OPERATION: "send"},
    )


def end(span: Span, error: BaseException | None) -> None:
    """End a span that was started by hand; an error is told by its type alone."""
    if error is not None:
        telemetry.failed(span, error)
    span.end()


def sent_within(span: Span, headers: Headers) -> Headers:
    """The same headers with `span` as the parent of whatever the message causes."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier, context=trace.set_span_in_context(span))
    return msgspec.structs.replace(
        headers,
        traceparent=carrier.get("traceparent", headers.traceparent),
        tracestate=carrier.get("tracestate", headers.tracestate),
    )


@contextmanager
def received(topic: str, headers: Headers, group: str) -> Iterator[Span]:
    """A consumer span around one message's effect, in the trace the message carries."""
    with _processing(topic, headers, group, attributes(topic, headers)) as span:
        yield span


@contextmanager
def received_raw(topic: str, headers: Headers | None, group: str, **more: str) -> Iterator[Span]:
    """The same around a message from outside: its headers may be unreadable, and are not told."""
    with _processing(topic, headers, group, _of_topic(topic) | more) as span:
        yield span


def attributes(topic: str, headers: Headers) -> dict[str, str | int]:
    """What is said of a message in every span about it; nothing of its body."""
    # A refused message became no case: its subject is a text of the partner's own.
    refused = headers.type == NotificationRefused.TYPE
    about: dict[str, str | int] = {} if refused else {telemetry.REFERENCE: headers.subject}
    about |= _of_topic(topic)
    return about | {
        telemetry.MESSAGING_ID: headers.id,
        telemetry.EVENT_TYPE: headers.type,
        telemetry.EVENT_SEQUENCE: headers.sequence,
    }


def _of_topic(topic: str) -> dict[str, str | int]:
    return {telemetry.MESSAGING_SYSTEM: "kafka", telemetry.MESSAGING_DESTINATION: topic}


@contextmanager
def _processing(
    topic: str, headers: Headers | None, group: str, about: dict[str, str | int]
) -> Iterator[Span]:
    described = about | {telemetry.MESSAGING_OPERATION: "process", telemetry.MESSAGING_GROUP: group}
    parent = (headers.traceparent, headers.tracestate) if headers else (None, None)
    with (
        telemetry.attached(*parent),
        telemetry.span(f"process {topic}", SpanKind.CONSUMER, links=(), **described) as span,
    ):
        yield span
