"""Is the process alive, and does its work make progress?"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from prometheus_client import generate_latest
from sqlalchemy import text

from shared.access.guards import anonymous, loopback_only
from shared.database import Database
from shared.metrics import REGISTRY
from shared.telemetry import current_trace_id
from shared.web.problems import MEDIA_TYPE

CHECK_SECONDS = 2.0


@dataclass(frozen=True)
class Check:
    """One thing this service needs: `ask` answers facts worth showing, or raises when it is ill.

    Facts are counts, ages and names of ours; never addresses, credentials or cases.
    """

    name: str
    ask: Callable[[], Awaitable[Mapping[str, Any] | None]]
    seconds: float = CHECK_SECONDS


def database_check(database: Database) -> Check:
    """Whether the database answers."""

    async def ask() -> None:
        async with database.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    return Check("database", ask)


def health_routes(checks: Sequence[Check]) -> list[HTTPRouteHandler]:
    """`/health/live`, `/health/ready` and `/metrics`."""

    @get("/health/live", guards=[anonymous], include_in_schema=False)
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @get("/health/ready", guards=[anonymous], include_in_schema=False)
    async def ready(request: Request[Any, Any, Any]) -> Response[bytes]:
        answers = dict(await asyncio.gather(*map(_ask, checks)))
        return _answer(request.scope["path"], answers)

    @get("/metrics", guards=[loopback_only], include_in_schema=False)
    async def metrics() -> Response[bytes]:
        return Response(generate_latest(REGISTRY), media_type="text/plain; version=0.0.4")

    return [live, ready, metrics]


async def _ask(check: Check) -> tuple[str, dict[str, Any]]:
    started = perf_counter()
    try:
        async with asyncio.timeout(check.seconds):
            facts = dict(await check.ask() or {})
    # Whatever a check meets is its answer, not a failure of the health page.
    except Exception as error:  # noqa: BLE001
        return check.name, {"ok": False, "error": type(error).__name__}
    return check.name, {"ok": True, "ms": round((perf_counter() - started) * 1000, 1)} | facts


def _answer(path: str, answers: dict[str, dict[str, Any]]) -> Response[bytes]:
    failed = sorted(name for name, answer in answers.items() if not answer["ok"])
    if not failed:
        body = {"status": "ready", "checks": answers}
        return Response(msgspec.json.encode(body), media_type="application/json")
    problem = {
        "type": "urn:scrutiny:problem:not-ready",
        "title": "Not ready",
        "status": 503,
        "detail": f"Not well: {', '.join(failed)}.",
        "instance": path,
        "trace_id": current_trace_id(),
        "checks": answers,
    }
    return Response(msgspec.json.encode(problem), status_code=503, media_type=MEDIA_TYPE)
