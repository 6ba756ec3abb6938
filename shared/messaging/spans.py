"""The spans of a message's journey: sent by the relay, received by a consumer, in one trace."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

import msgspec
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, SpanContext, SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from shared import telemetry
from shared.events.envelope import Headers
from shared.events.partners import NotificationRefused

_TRACER = trace.get_tracer("scrutiny.messaging")
# OpenTelemetry's own default for how many links a span keeps.
LINKS = 128
# Where the trace's id ends in a `traceparent`.
_TRACE_ENDS = len("00-") + 32
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


def trace_of(headers: Headers) -> str:
    """What messages of one trace have in common, and others do not."""
    return (headers.traceparent or "")[:_TRACE_ENDS]


@contextmanager
def received_together(told: Sequence[tuple[str, Headers]], group: str) -> Iterator[list[Span]]:
    """A consumer span for each of these messages, in the trace that it carries.

    What is done for all of them is shown below the first one if they share a trace; if not, below
    a span of the batch's own, and that and theirs are linked. Of a batch that failed only the span
    above the failure is told: the others took no effect.
    """
    above = _batch_span(told) if _several_traces(told) else None
    each = [_start_process(topic, headers, group, above) for topic, headers in told]
    outer = above or each[0]
    try:
        with current(outer):
            yield each
    except Exception as error:
        end(outer, error)
        raise
    for span in [*each, above] if above else each:
        span.end()


def traceparent_of(span: Span) -> str | None:
    """How a span is written down; None outside any trace."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier, context=trace.set_span_in_context(span))
    return carrier.get("traceparent")


def current(span: Span) -> AbstractContextManager[Span]:
    """Make a span the current one, and leave its end to whoever started it."""
    return trace.use_span(span, record_exception=False, set_status_on_exception=False)


@contextmanager
def received_raw(topic: str, headers: Headers | None, group: str, **more: str) -> Iterator[Span]:
    """The same around a message from outside: its headers may be unreadable, and are not told."""
    parent = (headers.traceparent, headers.tracestate) if headers else (None, None)
    described = _of_topic(topic) | more | _of_processing(group)
    with (
        telemetry.attached(*parent),
        telemetry.span(f"process {topic}", SpanKind.CONSUMER, links=(), **described) as span,
    ):
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


def _several_traces(told: Sequence[tuple[str, Headers]]) -> bool:
    return len({trace_of(headers) for _, headers in told}) > 1


def _batch_span(told: Sequence[tuple[str, Headers]]) -> Span:
    links = [Link(_carried(headers)) for _, headers in told[:LINKS]]
    about = _of_topic(told[0][0]) | {
        telemetry.MESSAGING_OPERATION: "process",
        telemetry.MESSAGING_BATCH: len(told),
    }
    name = f"process batch of {told[0][0]}"
    kind = SpanKind.CONSUMER
    return _TRACER.start_span(name, context=Context(), kind=kind, links=links, attributes=about)


def _carried(headers: Headers) -> SpanContext:
    remote = telemetry.remote_context(headers.traceparent, headers.tracestate)
    return trace.get_current_span(remote).get_span_context()


def _start_process(topic: str, headers: Headers, group: str, batch: Span | None) -> Span:
    return _TRACER.start_span(
        f"process {topic}",
        context=telemetry.remote_context(headers.traceparent, headers.tracestate),
        kind=SpanKind.CONSUMER,
        attributes=attributes(topic, headers) | _of_processing(group),
        links=[Link(batch.get_span_context())] if batch else None,
    )


def _of_processing(group: str) -> dict[str, str | int]:
    return {telemetry.MESSAGING_OPERATION: "process", telemetry.MESSAGING_GROUP: group}
