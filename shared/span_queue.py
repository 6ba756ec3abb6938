"""Finished spans wait here for their receiver: bounded, never blocking, every loss counted."""

from collections import deque
from threading import Event, Lock, Thread
from typing import Any

import structlog
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from shared.metrics import SPANS_DROPPED

QUEUE_SPANS = 8192
# A batch is half a millisecond of sending whatever its size, and must not hold the others up.
BATCH_SPANS = 1024
EVERY_SECONDS = 0.5
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
        self._queue_full = SPANS_DROPPED.labels(receiver, "queue full")
        self._wake, self._stopping = Event(), Event()
        self._exporting = Lock()
        self._received = True
        self._thread = Thread(target=self._run, name=f"spans-{receiver}", daemon=True)
        self._thread.start()

    def on_start(self, span: Any, parent_context: Context | None = None) -> None:
        """Nothing to do until a span has ended."""

    def on_end(self, span: ReadableSpan) -> None:
        """Keep the span, or count it as lost; never wait."""
        waiting = len(self._queue)
        if waiting >= self._queue_spans or self._stopping.is_set():
            self._queue_full.inc()
            return
        self._queue.append(span)
        # Once for each batch: whoever sends goes on by itself while there is more.
        if waiting % BATCH_SPANS == BATCH_SPANS - 1:
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
