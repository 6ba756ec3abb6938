"""Spans of our own making: what OpenTelemetry's library does for them, at a sixth of the price.

Every request makes several, and each would cost as much as deciding what the request is about.
They are OpenTelemetry's `Span` to whoever uses them, and read like its `ReadableSpan` to whoever
exports them; of its features, only those exist that are used here.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from random import getrandbits
from time import time_ns
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
)

_SAMPLED = TraceFlags(TraceFlags.SAMPLED)
_UNSET = Status()
_FAILED = Status(StatusCode.ERROR)


class RecordedSpan(Span):
    """One span: ended once, then handed on and never changed."""

    dropped_attributes = dropped_events = dropped_links = 0
    # Exceptions and other events repeat what somebody sent: a failed span names its error's type.
    events = ()

    def __init__(
        self,
        tracer: "RecordingTracer",
        name: str,
        context: SpanContext,
        parent: SpanContext | None,
        kind: SpanKind,
        attributes: Mapping[str, Any] | None,
        links: Sequence[Link],
    ) -> None:
        self._tracer = tracer
        self.name = name
        self.context = context
        self.parent = parent
        self.kind = kind
        self.attributes = dict(attributes) if attributes else {}
        self.links = links
        self.status = _UNSET
        self.start_time = time_ns()
        self.end_time: int | None = None

    @property
    def resource(self) -> Resource:
        """The process that made it."""
        return self._tracer.resource

    @property
    def instrumentation_scope(self) -> InstrumentationScope:
        """The part of the process that made it."""
        return self._tracer.scope

    def get_span_context(self) -> SpanContext:
        """Its ids."""
        return self.context

    def is_recording(self) -> bool:
        """Whether it has not ended yet."""
        return self.end_time is None

    def set_attribute(self, key: str, value: Any) -> None:
        """Say something of it, or say it anew."""
        self.set_attributes({key: value})

    def set_attributes(self, attributes: Mapping[str, Any]) -> None:
        """Say several things of it."""
        if self.end_time is None:
            self.attributes.update(attributes)

    def update_name(self, name: str) -> None:
        """Call it what it turned out to be."""
        if self.end_time is None:
            self.name = name

    def set_status(self, status: Status | StatusCode, description: str | None = None) -> None:
        """Whether it failed."""
        if self.end_time is not None:
            return
        if isinstance(status, StatusCode):
            plain = status is StatusCode.ERROR and description is None
            status = _FAILED if plain else Status(status, description)
        self.status = status

    def add_event(self, *_: Any, **__: Any) -> None:
        """Nothing: see `events`."""

    def record_exception(self, *_: Any, **__: Any) -> None:
        """Nothing: see `events`."""

    def end(self, end_time: int | None = None) -> None:
        """Hand it on to whoever collects spans."""
        if self.end_time is None:
            self.end_time = end_time or time_ns()
            self._tracer.ended(self)


class RecordingTracer(trace.Tracer):
    """Makes spans for one part of the process."""

    def __init__(self, provider: "RecordingProvider", name: str) -> None:
        self._provider = provider
        self.resource = provider.resource
        self.scope = InstrumentationScope(name)

    def ended(self, span: Any) -> None:
        """Hand a span to every collector."""
        for processor in self._provider.processors:
            processor.on_end(span)

    def start_span(
        self,
        name: str,
        context: Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Mapping[str, Any] | None = None,
        links: Sequence[Link] | None = (),
        *_: Any,
        **__: Any,
    ) -> Span:
        """A span below the current one, or in a trace of its own."""
        parent: SpanContext | None = trace.get_current_span(context).get_span_context()
        if parent.is_valid:
            made = SpanContext(parent.trace_id, _id(64), False, _SAMPLED, parent.trace_state)
        else:
            parent, made = None, SpanContext(_id(128), _id(64), False, _SAMPLED)
        if not self._provider.processors:
            # Where nobody would be told, a trace still has an id, and nothing is recorded.
            return NonRecordingSpan(made)
        return RecordedSpan(self, name, made, parent, kind, attributes, links or ())

    @contextmanager
    def start_as_current_span(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, name: str, *given: Any, end_on_exit: bool = True, **named: Any
    ) -> Iterator[Span]:
        """The same, current for as long as the block runs."""
        span = self.start_span(name, *given, **named)
        with trace.use_span(span, end_on_exit, False, False):
            yield span


class RecordingProvider(trace.TracerProvider):
    """The tracing of one process; it records from its first collector on."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.processors: tuple[SpanProcessor, ...] = ()

    def add_span_processor(self, processor: SpanProcessor) -> None:
        """Hand every span that ends to this one as well."""
        self.processors += (processor,)

    def get_tracer(self, instrumenting_module_name: str, *_: Any, **__: Any) -> RecordingTracer:
        """The tracer of one part of the process."""
        return RecordingTracer(self, instrumenting_module_name)

    def force_flush(self, timeout_millis: int) -> bool:
        """Let every collector send what it has."""
        flushed = [one.force_flush(timeout_millis) for one in self.processors]
        return all(flushed)

    def shutdown(self) -> None:
        """Let every collector send what it has, and stop."""
        for processor in self.processors:
            processor.shutdown()


def _id(bits: int) -> int:
    return getrandbits(bits) or 1
