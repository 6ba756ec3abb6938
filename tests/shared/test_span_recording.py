"""Our own spans are OpenTelemetry's to whoever uses or exports them."""

from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.trace import Link, SpanKind, Status, StatusCode

from shared.otlp import encode
from shared.span_recording import RecordingProvider
from shared.telemetry import failed, remote_context

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Kept(SpanProcessor):
    """Every span that ended."""

    def __init__(self) -> None:
        self.spans: list[Any] = []

    def on_end(self, span: Any) -> None:
        self.spans.append(span)


@pytest.fixture
def provider() -> RecordingProvider:
    return RecordingProvider(Resource.create({"service.name": "t"}))


@pytest.fixture
def kept(provider: RecordingProvider) -> Kept:
    kept = Kept()
    provider.add_span_processor(kept)
    return kept


def test_the_official_library_reads_them_as_ours_does(
    provider: RecordingProvider, kept: Kept
) -> None:
    tracer = provider.get_tracer("test")
    told: Any = {"a": "é", "b": -1, "c": 2.5, "d": True, "e": ["x", "y"], "f": 1, "g": "x" * 5000}
    link = Link(trace.get_current_span(remote_context(PARENT)).get_span_context())
    above = remote_context(PARENT, "vendor=1")
    with tracer.start_as_current_span("parent", above, SpanKind.SERVER, told, [link]) as parent:
        tracer.start_span("child", kind=SpanKind.CLIENT).end()
        failed(parent, ValueError("Alex"))
    provider.get_tracer("another").start_span("root").end()
    ours = ExportTraceServiceRequest.FromString(encode(kept.spans))
    theirs = encode_spans(kept.spans)
    assert sorted(map(str, ours.resource_spans[0].scope_spans)) == sorted(
        map(str, theirs.resource_spans[0].scope_spans)
    )
    assert ours.resource_spans[0].resource == theirs.resource_spans[0].resource


def test_a_span_is_below_the_current_one(provider: RecordingProvider, kept: Kept) -> None:
    tracer = provider.get_tracer("test")
    with tracer.start_as_current_span("outer"), tracer.start_as_current_span("inner"):
        tracer.start_span("alone", remote_context(None)).end()
    alone, inner, outer = kept.spans
    assert inner.parent == outer.context
    assert inner.context.trace_id == outer.context.trace_id != alone.context.trace_id
    assert outer.parent is None
    assert inner.start_time <= inner.end_time <= outer.end_time


def test_after_its_end_a_span_does_not_change_and_is_told_once(
    provider: RecordingProvider, kept: Kept
) -> None:
    span = provider.get_tracer("test").start_span("x", attributes={"a": 1})
    assert span.is_recording()
    span.end()
    span.set_attribute("a", 2)
    span.set_status(StatusCode.ERROR)
    span.update_name("y")
    span.end()
    (told,) = kept.spans
    assert not span.is_recording()
    assert (told.attributes, told.status.status_code, told.name) == (
        {"a": 1},
        StatusCode.UNSET,
        "x",
    )


def test_what_an_exception_says_is_never_kept(provider: RecordingProvider, kept: Kept) -> None:
    tracer = provider.get_tracer("test")
    with tracer.start_as_current_span("work") as span:
        span.record_exception(ValueError("Alex"))
        span.add_event("Alex")
        span.set_status(Status(StatusCode.ERROR))
    assert b"Alex" not in encode(kept.spans)
    assert kept.spans[0].status.status_code is StatusCode.ERROR


def test_where_nobody_listens_there_are_ids_and_no_records(provider: RecordingProvider) -> None:
    span = provider.get_tracer("test").start_span("x", remote_context(PARENT))
    assert not span.is_recording()
    assert trace.format_trace_id(span.get_span_context().trace_id) in PARENT
    assert provider.force_flush(10)
