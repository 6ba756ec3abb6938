"""Spans leave the process in batches, from a thread of their own; what cannot leave is counted.

A receiver that is away costs nothing but its spans: the queue is bounded, work never waits for
it, and drops show in `scrutiny_spans_dropped`. Threads start with `install`, so a process that
forks calls it in the child.
"""

import os
from collections.abc import Sequence
from threading import Event
from time import monotonic

import httpx
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from pydantic import SecretStr

from shared.otlp import encode
from shared.settings import ServiceSettings
from shared.span_queue import FLUSH_SECONDS, CountingProcessor
from shared.span_recording import RecordingProvider

EXPORT_SECONDS = 5.0
TRY_SECONDS = 2.0
RETRY_SECONDS = 0.5


class ConsoleExporter(SpanExporter):
    """Posts spans to our own receiver; none of the OTEL_* variables, with their keys, apply."""

    def __init__(self, address: str, token: SecretStr | None = None) -> None:
        self._address = address
        headers = {"Content-Type": "application/x-protobuf"}
        if token:
            headers["Authorization"] = f"Bearer {token.get_secret_value()}"
        self._client = httpx.Client(timeout=TRY_SECONDS, headers=headers)
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
        try:
            return self._client.post(self._address, content=body).is_success
        except httpx.HTTPError:
            return False


class Telemetry:
    """The tracing of this process; `shutdown` flushes for a bounded time."""

    def __init__(self, provider: RecordingProvider) -> None:
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
    telemetry = Telemetry(RecordingProvider(resource))
    if settings.traces_url:
        telemetry.add(ConsoleExporter(settings.traces_url, settings.traces_token), "console")
    if _collector_configured():
        telemetry.add(OTLPSpanExporter(timeout=EXPORT_SECONDS), "collector")
    return telemetry


def _collector_configured() -> bool:
    if os.environ.get("OTEL_TRACES_EXPORTER", "otlp") == "none":
        return False
    names = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    return any(os.environ.get(name) for name in names)
