"""Spans leave the process in batches, from a thread of their own; what cannot leave is counted.

A receiver that is away costs nothing but its spans: the queue is bounded, work never waits for
it, and drops show in `scrutiny_spans_dropped`. Threads start with `install`, so a process that
forks calls it in the child.
"""

import os
from collections import deque
from collections.abc import Sequence
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any

import httpx
import structlog
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from shared.metrics import SPANS_DROPPED
from shared.otlp import encode
from shared.settings import ServiceSettings

QUEUE_SPANS = 8192
BATCH_SPANS = 512
EVERY_SECONDS = 0.5
EXPORT_SECONDS = 5.0
TRY_SECONDS = 2.0
RETRY_SECONDS = 0.5
FLUSH_SECONDS = 2.0

_log = structlog.get_logger(__name__)


class CountingProcessor(SpanProcessor):
    """Keeps finished spans for one receiver and counts those that never reach it."""

    def __init__(
        self, exporter: SpanExporter, receiver: str, queue_spans: int = QUEUE_SPANS
    ) -> None:
        self._exporter = exporter
        self._receiver = receiver
        self._queue: deque[ReadableSpan] = deque()
        self._queue_spans = queue_spans
        self._wake, self._stopping = Event(), Event()
        self._exporting = Lock()
        self._received = True
        self._thread = Thread(target=self._run, name=f"spans-{receiver}", daemon=True)
        self._thread.start()

    def on_start(self, span: Any, parent_context: Context | None = None) -> None:
        """Nothing to do until a span has ended."""

    def on_end(self, span: ReadableSpan) -> None:
        """Keep the span, or count it as lost; never wait."""
        if len(self._queue) >= self._queue_spans or self._stopping.is_set():
            self._lost(1, "queue full")
            return
        self._queue.append(span)
        if len(self._queue) >= BATCH_SPANS:
            self._wake.set()

    def force_flush(self, timeout_millis: int = 2000) -> bool:
        """Send what is waiting, within the time given."""
        flushing = Thread(target=self._drain, daemon=True)
        flushing.start()
        flushing.join(timeout_millis / 1000)
        return not flushing.is_alive()

    def shutdown(self) -> None:
        """Send what is waiting within `FLUSH_SECONDS`, then give up on the rest."""
        self.force_flush(int(FLUSH_SECONDS * 1000))
        self._stopping.set()
        self._wake.set()
        self._exporter.shutdown()
        self._thread.join(FLUSH_SECONDS)
        self._lost(len(self._queue), "shutdown")
        self._queue.clear()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(EVERY_SECONDS)
            self._wake.clear()
            self._drain()

    def _drain(self) -> None:
        with self._exporting:
            while self._queue and not self._stopping.is_set():
                size = min(len(self._queue), BATCH_SPANS)
                self._export([self._queue.popleft() for _ in range(size)])

    def _export(self, batch: list[ReadableSpan]) -> None:
        try:
            sent = self._exporter.export(batch) is SpanExportResult.SUCCESS
        # Whatever an exporter throws must not end the thread, or spans would pile up unseen.
        except Exception:  # noqa: BLE001
            sent = False
        if not sent:
            self._lost(len(batch), "not received")
        if sent is not self._received:
            # Said once when it changes; in between, the metric counts.
            _log.warning("spans received again" if sent else "spans lost", receiver=self._receiver)
            self._received = sent

    def _lost(self, count: int, reason: str) -> None:
        if count:
            SPANS_DROPPED.labels(self._receiver, reason).inc(count)


class ConsoleExporter(SpanExporter):
    """Posts spans to our own receiver; none of the OTEL_* variables, with their keys, apply."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._client = httpx.Client(timeout=TRY_SECONDS)
        self._stopping = Event()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Try for as long as a restart of the receiver takes, then give the spans up."""
        body = encode(spans)
        until = monotonic() + EXPORT_SECONDS
        while not self._sent(body):
            if monotonic() >= until or self._stopping.wait(RETRY_SECONDS):
                return SpanExportResult.FAILURE
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        """Stop trying."""
        self._stopping.set()
        self._client.close()

    def _sent(self, body: bytes) -> bool:
        headers = {"Content-Type": "application/x-protobuf"}
        try:
            return self._client.post(self._address, content=body, headers=headers).is_success
        except httpx.HTTPError:
            return False


class Telemetry:
    """The tracing of this process; `shutdown` flushes for a bounded time."""

    def __init__(self, provider: TracerProvider) -> None:
        self.provider = provider

    def add(self, exporter: SpanExporter, receiver: str) -> None:
        """Send every span to one more receiver."""
        self.provider.add_span_processor(CountingProcessor(exporter, receiver))

    def flush(self) -> bool:
        """Send what is waiting."""
        return self.provider.force_flush(int(FLUSH_SECONDS * 1000))

    def shutdown(self) -> None:
        """Flush and stop; later spans are dropped."""
        self.provider.shutdown()


def install(settings: ServiceSettings) -> Telemetry:
    """Make this process's tracing, and let every span of it go there."""
    telemetry = telemetry_of(settings)
    trace.set_tracer_provider(telemetry.provider)
    return telemetry


def telemetry_of(settings: ServiceSettings) -> Telemetry:
    """A tracer provider with a receiver for each that is configured."""
    resource = Resource.create({"service.name": settings.service, "process.pid": os.getpid()})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    telemetry = Telemetry(provider)
    if settings.traces_url:
        telemetry.add(ConsoleExporter(settings.traces_url), "console")
    if _collector_configured():
        telemetry.add(OTLPSpanExporter(timeout=EXPORT_SECONDS), "collector")
    return telemetry


def _collector_configured() -> bool:
    if os.environ.get("OTEL_TRACES_EXPORTER", "otlp") == "none":
        return False
    names = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    return any(os.environ.get(name) for name in names)
