"""Spans from the real exporter are kept, found and shown; hostile ones do no harm."""

import asyncio
import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Link, Status, StatusCode, Tracer
from sqlalchemy import text

from services.console.domain.search import Search
from services.console.domain.span import Span
from services.console.storage.spans import spans_of, store_spans, trim_spans
from services.console.storage.traces import find_traces
from shared.database import Database
from shared.telemetry import REFERENCE
from tests.conftest import FreshDatabase
from tests.console.console_kit import Browser, console_settings, serving
from tests.tracing import recorded

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
AT = 1_795_348_800_000_000_000
PROTOBUF = {"content-type": "application/x-protobuf"}


@contextmanager
def tracing(service: str = "intake") -> Iterator[tuple[Tracer, InMemorySpanExporter]]:
    """A tracer of a service, and where its finished spans are kept until they are sent."""
    kept = InMemorySpanExporter()
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(SimpleSpanProcessor(kept))
    yield provider.get_tracer("tests"), kept
    provider.shutdown()


async def send(browser: Browser, kept: InMemorySpanExporter, *, zipped: bool = False) -> None:
    """Export with the SDK's own exporter."""
    how = Compression.Gzip if zipped else Compression.NoCompression
    address = f"{browser.client.base_url}/v1/traces"
    exporter = OTLPSpanExporter(address, compression=how)
    await asyncio.to_thread(exporter.export, kept.get_finished_spans())
    exporter.shutdown()


def span(trace: str, span_id: str, start: int = AT, took: int = 1_000_000, **more: object) -> Span:
    """A span that says only what matters."""
    told = {"parent_id": None, "name": "work", "kind": "internal", "service": "intake"} | more
    return Span(trace_id=trace * 16, span_id=span_id * 8, start_ns=start, duration_ns=took, **told)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("zipped", [False, True])
async def test_what_the_sdk_exports_can_be_searched_and_read(
    browser: Browser, zipped: bool
) -> None:
    with tracing() as (tracer, kept):
        with tracer.start_as_current_span("POST /notifications") as outer:
            outer.set_attribute(REFERENCE, "SS-2026-TEST")
            outer.add_event("stored", {"rows": 2})
            with tracer.start_as_current_span("INSERT") as inner:
                inner.set_attribute("db.system.name", "postgresql")
                inner.set_status(Status(StatusCode.ERROR, "no room"))
        await send(browser, kept, zipped=zipped)
    await browser.sign_in("operator")
    listed = await browser.client.get("/traces?reference=SS-2026-TEST&errors=yes&service=intake")
    assert "POST /notifications" in listed.text
    assert "2 spans" in listed.text
    assert "1 error" in listed.text
    trace_id = f"{outer.get_span_context().trace_id:032x}"
    page = (await browser.client.get(f"/traces/{trace_id}")).text
    for told in ("POST /notifications", "INSERT", "no room", "SS-2026-TEST", "stored"):
        assert told in page
    hidden = (await browser.client.get(f"/traces/{trace_id}?sql=hide")).text
    assert "Show 1 database statement" in hidden


async def test_a_batch_that_is_sent_twice_counts_once(browser: Browser, database: Database) -> None:
    with tracing() as (tracer, kept):
        tracer.start_span("once").end()
        await send(browser, kept)
        await send(browser, kept)
    async with database.session() as session:
        assert await session.scalar(text("SELECT count(*) FROM spans")) == 1
        assert await session.scalar(text("SELECT spans FROM traces")) == 1


async def test_a_trace_that_is_only_linked_is_found_by_the_reference_too(
    browser: Browser, database: Database
) -> None:
    with tracing() as (tracer, kept):
        with tracer.start_as_current_span("send") as sent:
            sent.set_attribute(REFERENCE, "SS-2026-LINK")
        tracer.start_span("sweep", links=[Link(sent.get_span_context())]).end()
        await send(browser, kept)
    trace_id = f"{sent.get_span_context().trace_id:032x}"
    async with database.session() as session:
        found = await find_traces(session, Search(reference="SS-2026-LINK"), NOW, 10)
        both = await spans_of(session, trace_id)
    assert {one.entry_name for one in found} == {"send", "sweep"}
    assert {one.name for one in both} == {"send", "sweep"}
    await browser.sign_in("auditor")
    assert "(linked)" in (await browser.client.get(f"/traces/{trace_id}")).text


async def test_each_part_of_a_search_narrows(database: Database) -> None:
    spans = [
        span("aa", "01", service="intake", took=50_000_000),
        span("bb", "02", AT + 1, service="deadlines", failed=True),
        span("cc", "03", AT - 7_200_000_000_000, service="directory"),
        span("dd", "04", AT + 2, service="console"),
    ]
    async with database.session() as session:
        await store_spans(session, spans, NOW)

        async def found(search: Search) -> list[str]:
            return [one.trace_id[:2] for one in await find_traces(session, search, NOW, 10)]

        assert await found(Search()) == ["bb", "aa", "cc"]
        assert await found(Search(service="directory")) == ["cc"]
        assert await found(Search(service="console")) == ["dd"]
        assert await found(Search(errors_only=True)) == ["bb"]
        assert await found(Search(min_ms=20)) == ["aa"]
        assert await found(Search(window="hour")) == ["bb", "aa"]
        assert await found(Search(before_ns=AT)) == ["cc"]


async def test_a_trace_in_several_batches_is_summed_up(database: Database) -> None:
    async with database.session() as session:
        await store_spans(session, [span("aa", "02", AT, service="deadlines")], NOW)
        early = span("aa", "01", AT - 5, 10_000_000, name="first", failed=True)
        await store_spans(session, [early], NOW)
        (found,) = await find_traces(session, Search(), NOW, 10)
    assert (found.spans, found.failures, found.entry_name) == (2, 1, "first")
    assert (found.started_ns, found.duration_ns) == (AT - 5, 10_000_000)
    assert found.services == ("deadlines", "intake")


async def test_old_spans_are_forgotten(database: Database) -> None:
    async with database.session() as session:
        await store_spans(session, [span("aa", "01")], NOW - timedelta(days=8))
        await store_spans(session, [span("bb", "02")], NOW - timedelta(days=6))
        await trim_spans(session, NOW, 7, 1000)
        found = await find_traces(session, Search(), NOW, 10)
        assert [one.trace_id[:2] for one in found] == ["bb"]
        assert await session.scalar(text("SELECT count(*) FROM spans")) == 1


async def test_of_too_many_spans_the_newest_are_kept(database: Database) -> None:
    async with database.session() as session:
        for number in range(10):
            trace = f"{number + 16:02x}"
            await store_spans(session, [span(trace, "01", AT + number)], NOW)
        await trim_spans(session, NOW, 7, 4)
        found = await find_traces(session, Search(), NOW, 20)
        assert [one.trace_id[:2] for one in found] == ["19", "18", "17", "16"]
        assert await session.scalar(text("SELECT count(*) FROM spans")) == 4


async def test_hostile_text_is_shown_and_never_run(browser: Browser) -> None:
    attack = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\0"
    with tracing(attack) as (tracer, kept):
        with tracer.start_as_current_span(attack) as hostile:
            hostile.set_attribute(REFERENCE, attack)
            hostile.set_attribute(attack, attack)
            hostile.set_attribute("numbers", [float("nan"), float("inf")])
            hostile.set_attribute("long", "x" * 100_000)
            hostile.add_event(attack, {attack: attack})
            hostile.set_status(Status(StatusCode.ERROR, attack))
        await send(browser, kept)
    await browser.sign_in("operator")
    trace_id = f"{hostile.get_span_context().trace_id:032x}"
    for path in (f"/traces/{trace_id}", "/traces?errors=yes", f"/traces?reference={attack[:30]}"):
        page = await browser.client.get(path)
        assert page.status_code == 200
        assert "<script" not in page.text
        assert "<img" not in page.text
        assert len(page.text) < 60_000
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


async def test_what_is_no_export_is_refused(browser: Browser) -> None:
    address = "/v1/traces"
    client = browser.client
    assert (await client.post(address, content=b"{}", headers=PROTOBUF)).status_code == 400
    assert (await client.post(address, json={})).status_code == 415
    zipped = PROTOBUF | {"content-encoding": "gzip"}
    assert (await client.post(address, content=b"no", headers=zipped)).status_code == 400
    bomb = gzip.compress(bytes(40_000_000))
    assert (await client.post(address, content=bomb, headers=zipped)).status_code == 400


async def test_spans_without_ids_are_counted_and_left_out(
    browser: Browser, database: Database
) -> None:
    request = ExportTraceServiceRequest()
    scope = request.resource_spans.add().scope_spans.add()
    scope.spans.add(name="no ids")
    scope.spans.add(name="whole", trace_id=b"t" * 16, span_id=b"s" * 8)
    body = request.SerializeToString()
    answer = await browser.client.post("/v1/traces", content=body, headers=PROTOBUF)
    told = ExportTraceServiceResponse.FromString(answer.content)
    assert told.partial_success.rejected_spans == 1
    async with database.session() as session:
        assert [*await session.scalars(text("SELECT name FROM spans"))] == ["whole"]


async def test_with_a_shared_token_only_its_bearers_may_send(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    settings = console_settings(tmp_path, fresh_database("console"), traces_token="shared")
    async with serving(settings) as browser:

        async def status(**headers: str) -> int:
            answer = await browser.client.post("/v1/traces", headers=PROTOBUF | headers)
            return answer.status_code

        assert await status() == 401
        assert await status(authorization="Bearer other") == 401
        assert await status(authorization="Bearer shared") == 200


async def test_receiving_spans_makes_no_spans(browser: Browser) -> None:
    with tracing() as (tracer, kept):
        tracer.start_span("work").end()
        with recorded() as recorder:
            await send(browser, kept)
            await browser.client.get("/sign-in")
    names = {one.name for one in recorder.spans}
    assert "GET /sign-in" in names
    assert not any("/v1/traces" in name or name == "INSERT" for name in names)
