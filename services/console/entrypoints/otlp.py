"""OTLP as it arrives, read into spans of ours and cut to size: nothing in it is trusted."""

import gzip
import zlib
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from math import isfinite
from typing import Any

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as OtlpSpan
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from services.console.domain.span import Happening, Link, Span
from shared.web.bodies import Malformed

MEDIA_TYPE = "application/x-protobuf"
MOST_BYTES = 32_000_000
LONGEST_TEXT = 2_000
LONGEST_NAME = 300
MOST_ATTRIBUTES = 64
MOST_PARTS = 64
DEEPEST = 4
_LARGEST = 2**63 - 1
_KINDS = {1: "internal", 2: "server", 3: "client", 4: "producer", 5: "consumer"}


def unpack(body: bytes, encoding: str | None) -> bytes:
    """The request's body, inflated to at most `MOST_BYTES`."""
    if encoding in (None, "", "identity"):
        return body
    if encoding != "gzip":
        raise Malformed("The body may be compressed with gzip only.")
    try:
        with gzip.GzipFile(fileobj=BytesIO(body)) as file:
            inflated = file.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise Malformed("The body is not gzip.") from error
    if len(inflated) > MOST_BYTES:
        raise Malformed("The body is too large once it is inflated.")
    return inflated


def read_spans(body: bytes) -> tuple[list[Span], int]:
    """The spans of an export request, and how many could not be taken (their ids are no ids)."""
    try:
        request = ExportTraceServiceRequest.FromString(body)
    except DecodeError as error:
        raise Malformed("The body is not an OTLP export request in protobuf.") from error
    given = list(_spans(request))
    taken = [_span(span, service) for span, service in given if _identified(span)]
    return taken, len(given) - len(taken)


def answer(rejected: int) -> bytes:
    """What the exporter is told."""
    response = ExportTraceServiceResponse()
    if rejected:
        response.partial_success.rejected_spans = rejected
        response.partial_success.error_message = "spans without a valid trace id and span id"
    return response.SerializeToString()


def _spans(request: ExportTraceServiceRequest) -> Iterator[tuple[OtlpSpan, str]]:
    for resource in request.resource_spans:
        about = _attributes(resource.resource.attributes)
        service = str(about.get("service.name") or "unknown")[:LONGEST_NAME]
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield span, service


def _identified(span: OtlpSpan) -> bool:
    whole = len(span.trace_id) == 16 and len(span.span_id) == 8
    return whole and any(span.trace_id) and any(span.span_id)


def _span(span: OtlpSpan, service: str) -> Span:
    start = min(span.start_time_unix_nano, _LARGEST)
    end = min(span.end_time_unix_nano, _LARGEST)
    return Span(
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex() if len(span.parent_span_id) == 8 else None,
        name=_text(span.name, LONGEST_NAME) or "(no name)",
        kind=_KINDS.get(span.kind, "internal"),
        service=service,
        start_ns=start,
        duration_ns=max(0, end - start),
        failed=span.status.code == Status.STATUS_CODE_ERROR,
        said=_text(span.status.message, LONGEST_TEXT),
        attributes=_attributes(span.attributes),
        happenings=tuple(_happening(event) for event in span.events[:MOST_PARTS]),
        links=tuple(
            Link(link.trace_id.hex(), link.span_id.hex())
            for link in span.links[:MOST_PARTS]
            if len(link.trace_id) == 16 and len(link.span_id) == 8
        ),
    )


def _happening(event: OtlpSpan.Event) -> Happening:
    at = min(event.time_unix_nano, _LARGEST)
    return Happening(_text(event.name, LONGEST_NAME), at, _attributes(event.attributes))


def _attributes(given: Iterable[KeyValue]) -> Mapping[str, Any]:
    few = list(given)[:MOST_ATTRIBUTES]
    return {_text(one.key, LONGEST_NAME): _value(one.value, DEEPEST) for one in few}


def _value(value: AnyValue, deeper: int) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value" and deeper:
        return [_value(one, deeper - 1) for one in value.array_value.values[:MOST_ATTRIBUTES]]
    if kind == "kvlist_value" and deeper:
        few = value.kvlist_value.values[:MOST_ATTRIBUTES]
        return {_text(one.key, LONGEST_NAME): _value(one.value, deeper - 1) for one in few}
    if kind == "double_value":
        return value.double_value if isfinite(value.double_value) else str(value.double_value)
    if kind in {"bool_value", "int_value"}:
        return getattr(value, kind)
    if kind == "bytes_value":
        return value.bytes_value[: LONGEST_TEXT // 2].hex()
    return _text(value.string_value, LONGEST_TEXT)


def _text(text: str, longest: int) -> str:
    # PostgreSQL keeps no null characters.
    return text[:longest].replace("\0", "�")
