"""A trace holds together over HTTP, SQL and time; an exporter that is down costs only its spans."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from litestar import Request, get, post
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from prometheus_client import generate_latest
from sqlalchemy import text

from deploy.local.ports import free_ports
from shared.access.guards import allow_signed_in, anonymous
from shared.access.principal import Role
from shared.database import Database
from shared.metrics import REGISTRY
from shared.otlp import encode
from shared.settings import ServiceSettings
from shared.span_export import telemetry_of
from shared.span_queue import CountingProcessor
from shared.telemetry import (
    AREA,
    DB_STATEMENT,
    ERROR_TYPE,
    HTTP_ROUTE,
    REFERENCE,
    SpanKind,
    annotate,
    attached,
    current_carrier,
    current_ids,
    current_trace_id,
    current_traceparent,
    span,
)
from shared.web.client import service_client
from tests.access_kit import as_, service_settings
from tests.servers import PostgresServer
from tests.serving import served
from tests.shared.web_kit import app_of
from tests.tracing import recorded

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
async def database(postgres: PostgresServer) -> AsyncIterator[Database]:
    database = Database(postgres.url())
    yield database
    await database.dispose()


def dropped(receiver: str, reason: str) -> float:
    labels = {"receiver": receiver, "reason": reason}
    return REGISTRY.get_sample_value("scrutiny_spans_dropped_total", labels) or 0.0


async def test_one_trace_runs_through_both_services_and_the_database(database: Database) -> None:
    @get("/inner/{number:int}", guards=[allow_signed_in])
    async def inner(number: int) -> int:
        async with database.session() as session:
            asked = await session.execute(text("SELECT 1 + :number"), {"number": number})
            return asked.scalar_one()

    async with served(app_of(inner)) as url:

        @get("/outer", guards=[allow_signed_in])
        async def outer(request: Request[Any, Any, Any]) -> int:
            token = {"Authorization": request.headers["authorization"]}
            async with service_client(url) as client:
                return (await client.get("/inner/41", headers=token)).json()

        with recorded() as traced:
            async with served(app_of(outer)) as front, service_client(front) as client:
                response = await client.get("/outer", headers=as_(Role.AUDITOR))
                assert response.json() == 42
        calls = [found for found in traced.spans if found.name != "GET (no route)"]
    assert ("GET", "GET /outer") in traced.edges()
    assert ("GET /outer", "GET") in traced.edges()
    assert ("GET", "GET /inner/{number}") in traced.edges()
    assert ("GET /inner/{number}", "SELECT") in traced.edges()
    own = {current.context.trace_id for current in calls if current.context}
    assert {trace.format_trace_id(found) for found in own} == {response.headers["x-trace-id"]}


async def test_sql_spans_show_placeholders_and_never_values(database: Database) -> None:
    with recorded() as traced, span("work"):
        async with database.session() as session:
            await session.execute(text("SELECT CAST(:name AS text)"), {"name": "Alex Sample"})
            with pytest.raises(Exception, match="does_not_exist"):
                await session.execute(text("SELECT * FROM does_not_exist WHERE a = 'x'"))
            await session.rollback()
    good, bad = [found for found in traced.spans if found.name == "SELECT"]
    assert (good.attributes or {})[DB_STATEMENT] == "SELECT CAST($1 AS text)"
    assert "Alex" not in str([found.to_json() for found in traced.spans])
    assert bad.status.status_code is trace.StatusCode.ERROR


async def test_statements_outside_any_trace_make_none(database: Database) -> None:
    with recorded() as traced:
        async with database.session() as session:
            await session.execute(text("SELECT 1"))
    assert traced.spans == []


def test_a_stored_context_is_restored() -> None:
    with (
        recorded() as traced,
        attached(PARENT, "vendor=1"),
        span("later", **{REFERENCE: "SS-2026-5W5RXFCJ"}),
    ):
        assert current_trace_id() == "0af7651916cd43dd8448eb211c80319c"
        assert current_carrier()["tracestate"] == "vendor=1"
        assert (current_traceparent() or "").startswith("00-0af7651916cd43dd8448eb211c80319c-")
    later = traced.named("later")
    assert later.parent is not None
    assert trace.format_span_id(later.parent.span_id) == "b7ad6b7169203331"
    assert (later.attributes or {})[REFERENCE] == "SS-2026-5W5RXFCJ"


@pytest.mark.parametrize("stored", [None, "", "nonsense", "00-0-0-01"])
def test_work_without_a_stored_context_starts_its_own_trace(stored: str | None) -> None:
    with recorded() as traced, span("outside"), attached(stored), span("inside"):
        pass
    assert traced.named("inside").parent is None
    assert len(traced.trace_ids()) == 2


def test_other_traces_can_be_linked() -> None:
    with recorded() as traced, span("batch", links=(PARENT, "nonsense")):
        pass
    assert [link.context.span_id for link in traced.named("batch").links] == [0xB7AD6B7169203331]


def test_an_exception_marks_its_span_without_its_message() -> None:
    with recorded() as traced, pytest.raises(ValueError, match="Alex"), span("work"):
        raise ValueError("Alex Sample")
    work = traced.named("work")
    assert (work.attributes or {})[ERROR_TYPE] == "ValueError"
    assert "Alex" not in work.to_json()


def test_outside_a_trace_there_are_no_ids() -> None:
    assert current_ids() == {}
    assert current_traceparent() is None


async def test_a_failed_request_is_an_error_span_and_health_is_none() -> None:
    @get("/fails", guards=[anonymous])
    async def fails() -> None:
        raise RuntimeError("Alex")

    with recorded() as traced:
        async with served(app_of(fails)) as url, service_client(url, attempts=1) as client:
            assert (await client.get("/fails?name=Alex")).status_code == 500
            await client.get("/health/live")
    failed = traced.named("GET /fails")
    assert failed.status.status_code is trace.StatusCode.ERROR
    assert (failed.attributes or {})[HTTP_ROUTE] == "/fails"
    assert "GET /health/live" not in {found.name for found in traced.spans}
    assert "Alex" not in str([found.to_json() for found in traced.spans])


async def test_receiving_spans_makes_no_spans(database: Database) -> None:
    @post("/v1/traces", guards=[anonymous], status_code=200)
    async def receive() -> None:
        async with database.session() as session:
            await session.execute(text("SELECT 1"))

    with recorded() as traced:
        async with served(app_of(receive)) as url, httpx.AsyncClient() as client:
            sent = await client.post(f"{url}/v1/traces", headers={"traceparent": PARENT})
            assert sent.status_code == 200
    assert {found.name for found in traced.spans} <= {"GET (no route)"}


async def test_spans_arrive_at_the_console_and_at_a_collector(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arrived: dict[str, list[str]] = {"/v1/traces": [], "/elsewhere": []}

    @post(list(arrived), guards=[anonymous], status_code=200)
    async def receive(request: Request[Any, Any, Any]) -> None:
        told = ExportTraceServiceRequest.FromString(await request.body())
        arrived[request.scope["path"]] += [
            f"{resource.resource.attributes[0].value.string_value} {found.name}"
            if resource.resource.attributes[0].key == "service.name"
            else found.name
            for resource in told.resource_spans
            for scope in resource.scope_spans
            for found in scope.spans
        ]

    async with served(app_of(receive)) as url:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", f"{url}/elsewhere")
        telemetry = telemetry_of(settings(traces_url=f"{url}/v1/traces"))
        telemetry.provider.get_tracer("test").start_span("one").end()
        assert await asyncio.to_thread(telemetry.flush)
        await asyncio.to_thread(telemetry.shutdown)
    assert [names[-1].split()[-1] for names in arrived.values()] == ["one", "one"]


async def test_a_receiver_that_is_down_costs_only_its_spans() -> None:
    before = dropped("console", "not received")
    telemetry = telemetry_of(settings(traces_url=f"http://127.0.0.1:{free_ports(1)[0]}/v1/traces"))
    tracer = telemetry.provider.get_tracer("test")
    started = time.perf_counter()
    for number in range(100):
        tracer.start_span(f"span {number}").end()
    assert time.perf_counter() - started < 0.5
    started = time.perf_counter()
    await asyncio.to_thread(telemetry.shutdown)
    assert time.perf_counter() - started < 8
    lost = dropped("console", "not received") + dropped("console", "shutdown")
    assert lost - before >= 100
    assert b"scrutiny_spans_dropped_total" in generate_latest(REGISTRY)


def test_spans_are_written_as_the_official_library_would() -> None:
    with recorded() as traced, attached(PARENT, "vendor=1"):
        links = (PARENT, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203332-01")
        told: Any = {"a": "é", "b": -1, "c": 2.5, "d": True, "e": ["x", "y"], "f": 2**40, "g": ""}
        with span("parent", SpanKind.SERVER, links=links, **told):
            with pytest.raises(ValueError, match="x"), span("child"):
                raise ValueError("x")
            trace.get_tracer("another").start_span("other", kind=SpanKind.CLIENT).end()
            bare = trace.get_current_span()
            bare.set_status(trace.StatusCode.ERROR, "said")
    ours = ExportTraceServiceRequest.FromString(encode(traced.spans))
    theirs = encode_spans(traced.spans)
    assert sorted(map(str, ours.resource_spans[0].scope_spans)) == sorted(
        map(str, theirs.resource_spans[0].scope_spans)
    )
    assert ours.resource_spans[0].resource == theirs.resource_spans[0].resource


class Stuck(SpanExporter):
    """A receiver that takes a second for each batch."""

    def export(self, spans: Any) -> SpanExportResult:
        assert spans
        time.sleep(1)
        return SpanExportResult.FAILURE


def test_a_full_queue_drops_and_counts_and_never_waits() -> None:
    before = dropped("stuck", "queue full")
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(CountingProcessor(Stuck(), "stuck", queue_spans=10))
    tracer = provider.get_tracer("test")
    started = time.perf_counter()
    for _ in range(1000):
        tracer.start_span("x").end()
    assert time.perf_counter() - started < 0.5
    assert dropped("stuck", "queue full") - before >= 980
    provider.shutdown()


def test_set_up_in_a_forked_child_exports_from_there() -> None:
    child = os.fork()
    if child == 0:
        telemetry = telemetry_of(settings(traces_url="http://127.0.0.1:9/v1/traces"))
        telemetry.provider.get_tracer("test").start_span("x").end()
        telemetry.shutdown()
        os._exit(0 if dropped("console", "not received") >= 1 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def settings(**given: Any) -> ServiceSettings:
    return service_settings(ServiceSettings, service="t", database_url="postgresql://x/x", **given)


def test_what_is_no_reference_of_ours_is_not_annotated_as_one() -> None:
    with recorded() as recorder, span("work", **{REFERENCE: "Zebedee Nonesuch"}):
        annotate(**{REFERENCE: "Zebedee Nonesuch", AREA: "S12000047"})
    attributes = recorder.named("work").attributes or {}
    assert REFERENCE not in attributes
    assert attributes[AREA] == "S12000047"
