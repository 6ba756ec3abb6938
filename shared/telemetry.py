"""Traces: every attribute name, and the few calls the rest of the system makes.

Spans never carry personal data: references, codes and instants only. A trace is no evidence;
the audit trail is.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from opentelemetry import context, trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

from shared.own_ids import is_own_id

__all__ = ["Span", "SpanKind", "StatusCode", "attached", "current_traceparent", "span"]

# OpenTelemetry's own names.
HTTP_METHOD = "http.request.method"
HTTP_ROUTE = "http.route"
HTTP_STATUS = "http.response.status_code"
URL_PATH = "url.path"
SERVER_ADDRESS = "server.address"
SERVER_PORT = "server.port"
DB_SYSTEM = "db.system.name"
DB_NAMESPACE = "db.namespace"
DB_STATEMENT = "db.query.text"
DB_OPERATION = "db.operation.name"
MESSAGING_SYSTEM = "messaging.system"
MESSAGING_OPERATION = "messaging.operation.type"
MESSAGING_DESTINATION = "messaging.destination.name"
MESSAGING_PARTITION = "messaging.destination.partition.id"
MESSAGING_OFFSET = "messaging.kafka.offset"
MESSAGING_KEY = "messaging.kafka.message.key"
MESSAGING_ID = "messaging.message.id"
MESSAGING_GROUP = "messaging.consumer.group.name"
MESSAGING_BATCH = "messaging.batch.message_count"
ERROR_TYPE = "error.type"

# Ours.
REFERENCE = "scrutiny.reference"
AREA = "scrutiny.area"
KIND = "scrutiny.kind"
RULE = "scrutiny.rule"
CLOCK = "scrutiny.clock"
PARTNER = "scrutiny.partner"
EVENT_TYPE = "scrutiny.event.type"
EVENT_SEQUENCE = "scrutiny.event.sequence"
OUTCOME = "scrutiny.outcome"
ATTEMPT = "scrutiny.attempt"
COUNT = "scrutiny.count"
TIMER = "scrutiny.timer"
MAIL_ID = "scrutiny.mail.message_id"
CALLER_ROLES = "scrutiny.caller.roles"

_PROPAGATOR = TraceContextTextMapPropagator()
_TRACER = trace.get_tracer("scrutiny")


@contextmanager
def span(
    name: str,
    kind: SpanKind = SpanKind.INTERNAL,
    /,
    *,
    links: Sequence[str] = (),
    **attributes: AttributeValue | None,
) -> Iterator[Span]:
    """A span around a piece of work; `links` are traceparents of other traces it belongs to.

    Use the names above: `span("sweep", **{COUNT: 3})`. An exception marks the span with its type
    and nothing of its message, which might repeat what somebody sent.
    """
    linked = [link for link in map(_link, links) if link]
    current = _TRACER.start_span(name, kind=kind, attributes=_told(attributes), links=linked)
    token = context.attach(trace.set_span_in_context(current))
    try:
        yield current
    except Exception as error:
        failed(current, error)
        raise
    finally:
        context.detach(token)
        current.end()


def annotate(**attributes: AttributeValue | None) -> None:
    """Say more of the current span, such as the reference that was only just given out."""
    current = trace.get_current_span()
    if current.is_recording():
        current.set_attributes(_told(attributes))


def _told(attributes: Mapping[str, AttributeValue | None]) -> Mapping[str, AttributeValue]:
    """What there is to say; whatever somebody sent where a reference belongs is not repeated."""
    given = {key: value for key, value in attributes.items() if value is not None}
    if not is_own_id(str(given.get(REFERENCE, ""))):
        given.pop(REFERENCE, None)
    return given


def failed(current: Span, error: BaseException) -> None:
    """Mark a span as failed, by the error's type alone."""
    current.set_attribute(ERROR_TYPE, type(error).__name__)
    current.set_status(StatusCode.ERROR)


@contextmanager
def attached(traceparent: str | None, tracestate: str | None = None) -> Iterator[None]:
    """Work inside the trace that was stored with something; without one, in a trace of its own."""
    token = context.attach(remote_context(traceparent, tracestate))
    try:
        yield
    finally:
        context.detach(token)


def remote_context(traceparent: str | None, tracestate: str | None = None) -> Context:
    """The context that a stored or received W3C trace context stands for; else an empty one."""
    carrier = {"traceparent": traceparent, "tracestate": tracestate}
    given = {name: value for name, value in carrier.items() if value}
    return _PROPAGATOR.extract(given, context=Context())


def current_traceparent() -> str | None:
    """The W3C `traceparent` of the current span, to be stored or sent."""
    return current_carrier().get("traceparent")


def current_carrier() -> dict[str, str]:
    """`traceparent` and `tracestate` of the current span, as headers."""
    found = trace.get_current_span().get_span_context()
    if not found.is_valid:
        return {}
    trace_id, span_id = trace.format_trace_id(found.trace_id), trace.format_span_id(found.span_id)
    carrier = {"traceparent": f"00-{trace_id}-{span_id}-{found.trace_flags:02x}"}
    if found.trace_state:
        carrier["tracestate"] = found.trace_state.to_header()
    return carrier


def current_trace_id() -> str:
    """The current trace's id as 32 hex digits; zeros outside any trace."""
    return trace.format_trace_id(trace.get_current_span().get_span_context().trace_id)


def current_ids() -> Mapping[str, str]:
    """`trace_id` and `span_id` for a log line; empty outside any trace."""
    found = trace.get_current_span().get_span_context()
    if not found.is_valid:
        return {}
    return {
        "trace_id": trace.format_trace_id(found.trace_id),
        "span_id": trace.format_span_id(found.span_id),
    }


# What is linked to one batch is linked to it case by case.
@lru_cache(maxsize=64)
def _link(traceparent: str) -> Link | None:
    found = trace.get_current_span(remote_context(traceparent)).get_span_context()
    return Link(found) if found.is_valid else None


def setup_telemetry(settings: Any) -> Any:
    """Send this process's spans wherever its settings and the OTEL_* variables say."""
    from shared.span_export import install

    return install(settings)
