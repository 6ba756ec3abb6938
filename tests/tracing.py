"""Spans of this process, recorded as they end, for tests that hold traces to a shape."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider


class Recorder(SpanProcessor):
    """Keeps every span that ends while it listens."""

    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []
        self.listening = True

    def on_end(self, span: ReadableSpan) -> None:
        if self.listening:
            self.spans.append(span)

    def named(self, name: str) -> ReadableSpan:
        """The only span of that name."""
        (found,) = [span for span in self.spans if span.name == name]
        return found

    def edges(self) -> set[tuple[str | None, str]]:
        """Name of parent and name of child, for every span; the parent is None when unrecorded."""
        names = {span.context.span_id: span.name for span in self.spans if span.context}
        return {
            (names.get(span.parent.span_id) if span.parent else None, span.name)
            for span in self.spans
        }

    def trace_ids(self) -> set[str]:
        """All traces the spans belong to."""
        return {trace.format_trace_id(span.context.trace_id) for span in self.spans if span.context}


@cache
def _provider() -> TracerProvider:
    """The run's one provider: OpenTelemetry lets it be set once in a process."""
    provider = TracerProvider(shutdown_on_exit=False)
    trace.set_tracer_provider(provider)
    return provider


@contextmanager
def recorded() -> Iterator[Recorder]:
    """Everything traced inside the block."""
    recorder = Recorder()
    _provider().add_span_processor(recorder)
    try:
        yield recorder
    finally:
        recorder.listening = False
