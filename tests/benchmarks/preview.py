"""Previews: how long one takes in process, and how many a second over HTTP next to a bare route."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from time import thread_time
from typing import Any

import msgspec

from tests.access_kit import AUDIENCE, FIELD_KEYS, ISSUER, as_, jwks_file
from tests.benchmarks.effort import Effort
from tests.benchmarks.load import NextRequest, flat_out, post
from tests.benchmarks.preview_cases import BODY, answer, random_bodies
from tests.benchmarks.processes import Served, serving
from tests.benchmarks.results import Goal, Result, result
from tests.benchmarks.rounds import Measured, Run, interleaved, ratio
from tests.benchmarks.servers import Servers

WORK = "preview of a deadline, explained: in process, and over HTTP next to a route that only codes"
CONNECTIONS = 16
SEED = 2026
SLOWEST = 0.01
COUNTED = "bare, but counted and explained"


async def measure(effort: Effort, servers: Servers) -> Result:
    """Milliseconds of the slowest hundredth in process; requests a second of both over HTTP."""
    bodies = random_bodies(SEED, effort.of(50, 10_000))
    slowest = Measured.of([_slowest(bodies) for _ in range(effort.rounds + 1)][1:])
    asked = effort.of(30, 6000)
    async with AsyncExitStack() as open_:
        bare = await open_.enter_async_context(serving(["tests.benchmarks.bare_preview"], {}))
        ours = await open_.enter_async_context(own_deadlines(servers))
        costs: dict[str, list[float]] = {"bare": [], COUNTED: [], "ours": []}
        contenders = {
            "bare": _run(bare, request(), asked, costs["bare"]),
            COUNTED: _run(bare, request("/counted-previews"), asked, costs[COUNTED]),
            "ours": _run(ours, request(), asked, costs["ours"]),
        }
        found = await interleaved(contenders, effort.rounds)
    return _result(effort, slowest, found, costs)


@asynccontextmanager
async def own_deadlines(servers: Servers) -> AsyncIterator[Served]:
    """Deadlines as it is deployed, its HTTP process alone."""
    settings = {
        "SCRUTINY_DATABASE_URL": servers.postgres.fresh_database("deadlines"),
        "SCRUTINY_FIELD_KEYS": FIELD_KEYS,
        "SCRUTINY_OIDC_ISSUER": ISSUER,
        "SCRUTINY_OIDC_AUDIENCE": AUDIENCE,
        "SCRUTINY_OIDC_JWKS": str(jwks_file()),
        "SCRUTINY_OIDC_CLIENT_ID": "deadlines",
        "SCRUTINY_OIDC_CLIENT_SECRET": "not used here",
    }
    async with serving(["services.deadlines", "app"], settings) as served:
        yield served


def request(path: str = "/previews") -> NextRequest:
    """The same preview again and again."""
    asking = as_("strategic-inspector", areas=["S12000047"])
    sent = post(path, msgspec.json.encode(BODY), asking)
    return lambda: sent


def _slowest(bodies: list[bytes]) -> float:
    took: list[float] = []
    for body in bodies:
        # Processor time of this thread: what others do on the machine is not the preview's.
        began = thread_time()
        answer(body)
        took.append(thread_time() - began)
    return sorted(took)[int(len(took) * (1 - SLOWEST)) - 1] * 1000


def _run(served: Served, sent: NextRequest, asked: int, costs: list[float]) -> Run:
    async def run() -> float:
        before = served.cpu_seconds()
        driven = await flat_out(served.url, sent, count=asked, connections=CONNECTIONS)
        costs.append((served.cpu_seconds() - before) / asked * 1000)
        return driven.expect_only(200).rate

    return run


def _result(
    effort: Effort,
    slowest: Measured,
    found: Mapping[str, Measured],
    costs: dict[str, list[float]],
) -> Result:
    part = ratio(found["ours"], found["bare"])
    counted = ratio(found["ours"], found[COUNTED])
    figures: dict[str, Any] = {
        "p99 in process, ms": slowest,
        "requests a second": found,
        "part of bare": part,
        f"part of {COUNTED}": counted,
        "processor ms a request": {name: Measured.of(each[1:]) for name, each in costs.items()},
        "connections": CONNECTIONS,
    }
    goals = [
        Goal("p99 in process, ms", slowest.median, at_most=1),
        Goal("part of a bare route's rate over HTTP", part.median, at_least=0.5),
        Goal("part of the rate of a bare route that counts", counted.median, at_least=0.7),
    ]
    return result("preview", WORK, goals=goals, figures=figures, rounds=effort.rounds)
