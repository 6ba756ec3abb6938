"""What surrounds every request: its span, log line, metric, and the headers of its answer."""

import secrets
from functools import lru_cache
from time import perf_counter
from typing import Any

import structlog
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from opentelemetry import context, trace
from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, StatusCode

from shared.metrics import HTTP_REQUESTS
from shared.telemetry import (
    ERROR_TYPE,
    HTTP_METHOD,
    HTTP_ROUTE,
    HTTP_STATUS,
    URL_PATH,
    failed,
    remote_context,
)
from shared.web.shown_path import shown_path

API_POLICY = "default-src 'none'; frame-ancestors 'none'"
# Asked all the time by machines: neither traced nor logged. Receiving spans makes no spans, and
# the address of a calendar feed is a secret that stands in no record.
_QUIET = ("/health/", "/metrics", "/v1/traces", "/static/", "/calendar-feeds/")

_TRACER = trace.get_tracer("scrutiny.http")


def security_headers(content_policy: str) -> list[tuple[bytes, bytes]]:
    """The headers every answer carries unless its route says otherwise."""
    return [
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"cache-control", b"no-store"),
        (b"content-security-policy", content_policy.encode()),
    ]


class Observed:
    """One thin layer around the whole application, so that even a 404 is seen and traced."""

    def __init__(self, app: ASGIApp, content_policy: str = API_POLICY) -> None:
        self._app = app
        self._headers = security_headers(content_policy)
        # Bound once: to put a logger together takes longer than to write a line.
        self._log = structlog.get_logger("http").bind()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; what is not HTTP passes untouched."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        quiet = str(scope["path"]).startswith(_QUIET)
        current = _without_span(scope) if quiet else _server_span(scope)
        token = context.attach(trace.set_span_in_context(current))
        answer = _Answer(send, current.get_span_context(), self._headers)
        started = perf_counter()
        try:
            await self._app(scope, receive, answer)
        except Exception as error:
            # Only what breaks off after its answer began gets here; problems are answers.
            failed(current, error)
            raise
        finally:
            self._finish(scope, current, answer.status, perf_counter() - started, quiet=quiet)
            context.detach(token)

    def _finish(
        self, scope: Any, current: Span, status: int, seconds: float, *, quiet: bool
    ) -> None:
        method, route = scope["method"], scope.get("path_template") or "(no route)"
        _counted(method, route, status).observe(seconds)
        if quiet:
            return
        current.update_name(f"{method} {route}")
        path = shown_path(scope["path"], scope.get("path_template"))
        current.set_attributes({HTTP_ROUTE: route, URL_PATH: path, HTTP_STATUS: status})
        if status >= 500:
            current.set_attribute(ERROR_TYPE, str(status))
            current.set_status(StatusCode.ERROR)
        self._log.info(
            "answered", method=method, route=route, status=status, ms=round(seconds * 1000, 1)
        )
        current.end()


class _Answer:
    """Adds our headers to the answer's start and remembers its status."""

    __slots__ = ("_headers", "_send", "_trace_id", "status")

    def __init__(self, send: Send, found: SpanContext, headers: list[tuple[bytes, bytes]]) -> None:
        self._send = send
        self._headers = headers
        self._trace_id = trace.format_trace_id(found.trace_id).encode()
        self.status = 500

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message["headers"])
            given = {name.lower() for name, _ in headers}
            headers += [pair for pair in self._headers if pair[0] not in given]
            headers.append((b"x-trace-id", self._trace_id))
            message["headers"] = headers
        await self._send(message)


def _server_span(scope: Any) -> Span:
    told = {HTTP_METHOD: scope["method"]}
    parent = _parent(scope)
    current = _TRACER.start_span(scope["method"], parent, SpanKind.SERVER, told)
    # Without an exporter the trace still has an id, for the answer and the log.
    return current if current.get_span_context().is_valid else _without_span(scope)


def _without_span(scope: Any) -> Span:
    found = trace.get_current_span(_parent(scope)).get_span_context()
    if found.is_valid:
        return NonRecordingSpan(found)
    made = SpanContext(secrets.randbits(128) or 1, secrets.randbits(64) or 1, is_remote=False)
    return NonRecordingSpan(made)


def _parent(scope: Any) -> Context:
    given = {name: value for name, value in scope["headers"] if name.startswith(b"trace")}
    traceparent, tracestate = given.get(b"traceparent"), given.get(b"tracestate")
    if traceparent is None:
        return Context()
    return remote_context(
        traceparent.decode("latin-1"), tracestate.decode("latin-1") if tracestate else None
    )


@lru_cache(maxsize=1024)
def _counted(method: str, route: str, status: int) -> Any:
    return HTTP_REQUESTS.labels(method, route, str(status))
