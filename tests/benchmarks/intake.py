"""Intake over HTTP in one process, next to a bare handler that only makes two rows durable."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
import msgspec

from tests.access_kit import AUDIENCE, FIELD_KEYS, ISSUER, as_, jwks_file
from tests.benchmarks.bare_intake import TABLES
from tests.benchmarks.effort import Effort
from tests.benchmarks.load import Driven, NextRequest, at_rate, flat_out, post
from tests.benchmarks.processes import Served, serving
from tests.benchmarks.results import Goal, Result, result
from tests.benchmarks.rounds import Measured, Run, interleaved, ratio
from tests.benchmarks.servers import Servers
from tests.intake.builders import FIFE, a_body

WORK = "durable HTTP intake next to a bare Litestar + asyncpg handler with two inserts"
CONNECTIONS = 16
BUSY = 0.7
SLOWEST = 0.01

_numbers = count(1)


async def measure(effort: Effort, servers: Servers) -> Result:
    """Requests a second of both, and how long the slowest hundredth takes when it is busy."""
    asked = effort.of(30, 3000)
    async with AsyncExitStack() as open_:
        bare = await open_.enter_async_context(bare_intake(servers))
        ours = await open_.enter_async_context(own_intake(servers))
        costs: dict[str, list[float]] = {"bare": [], "ours": [], "with key": []}
        contenders = {
            "bare": timed(bare, requests(), asked, costs["bare"]),
            "ours": timed(ours, requests(), asked, costs["ours"]),
            "with key": timed(ours, requests(keyed=True), asked, costs["with key"]),
        }
        found = await interleaved(contenders, effort.rounds)
        rate = found["ours"].median * BUSY
        busy = await at_rate(
            ours.url, requests(), rate=rate, count=asked, connections=CONNECTIONS * 4
        )
        busy.expect_only(201)
    return _result(effort, found, busy, costs)


@asynccontextmanager
async def own_intake(servers: Servers, **settings: str) -> AsyncIterator[Served]:
    """Intake as it is deployed, its HTTP process alone, on a database of its own."""
    async with intake_on(servers.postgres.fresh_database("intake"), **settings) as served:
        yield served


@asynccontextmanager
async def intake_on(url: str, **settings: str) -> AsyncIterator[Served]:
    """The same on this database."""
    with TemporaryDirectory(prefix="scrutiny-bench-files-") as files:
        environment = intake_settings(url, Path(files)) | settings
        async with serving(["services.intake", "app"], environment) as served:
            yield served


@asynccontextmanager
async def bare_intake(servers: Servers) -> AsyncIterator[Served]:
    """The handler beneath which nobody gets."""
    url = servers.postgres.create_database(f"bare_{next(_numbers)}")
    connection = await asyncpg.connect(url)
    await connection.execute(TABLES)
    await connection.close()
    settings = {"SCRUTINY_DATABASE_URL": url}
    async with serving(["tests.benchmarks.bare_intake"], settings) as served:
        yield served


def intake_settings(url: str, files: Path) -> dict[str, str]:
    """The environment of an intake that trusts the tests' issuer."""
    return {
        "SCRUTINY_DATABASE_URL": url,
        "SCRUTINY_FIELD_KEYS": FIELD_KEYS,
        "SCRUTINY_FILES_URL": files.as_uri(),
        "SCRUTINY_OIDC_ISSUER": ISSUER,
        "SCRUTINY_OIDC_AUDIENCE": AUDIENCE,
        "SCRUTINY_OIDC_JWKS": str(jwks_file()),
    }


def requests(*, keyed: bool = False) -> NextRequest:
    """The same notification again and again, each under a key of its own if `keyed`."""
    body = msgspec.json.encode(a_body())
    sender = as_("notifier", areas=[FIFE])
    plain_request = post("/notifications", body, sender)
    if not keyed:
        return lambda: plain_request
    before, _, after = post("/notifications", body, {**sender, "Idempotency-Key": "KEY"}).partition(
        b"KEY"
    )
    return lambda: b"%sbench-%d%s" % (before, next(_numbers), after)


def timed(served: Served, request: NextRequest, asked: int, costs: list[float]) -> Run:
    """Requests a second, flat out; `costs` gets the server's processor ms a request."""

    async def run() -> float:
        before = served.cpu_seconds()
        driven = await flat_out(served.url, request, count=asked, connections=CONNECTIONS)
        costs.append((served.cpu_seconds() - before) / asked * 1000)
        return driven.expect_only(201).rate

    return run


def _result(
    effort: Effort, found: Mapping[str, Measured], busy: Driven, costs: dict[str, list[float]]
) -> Result:
    part, keyed = ratio(found["ours"], found["bare"]), ratio(found["with key"], found["bare"])
    slowest = busy.slowest(SLOWEST) * 1000
    figures: dict[str, Any] = {
        "requests a second": found,
        "part of bare": {"ours": part, "with key": keyed},
        "processor ms a request": {name: Measured.of(each[1:]) for name, each in costs.items()},
        "connections": CONNECTIONS,
        "rate when busy": busy.rate,
    }
    goals = [
        Goal("part of a bare handler's rate", part.median, at_least=0.6),
        Goal("the same with an Idempotency-Key", keyed.median, at_least=0.6),
        Goal("p99 at 70 % load, ms", slowest, at_most=25),
    ]
    return result("intake", WORK, goals=goals, figures=figures, rounds=effort.rounds)
