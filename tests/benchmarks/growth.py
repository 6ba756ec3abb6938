"""Intake with ten thousand stored notifications, and with ten million."""

from contextlib import AsyncExitStack

from tests.benchmarks.effort import Effort
from tests.benchmarks.filling import fill_intake
from tests.benchmarks.intake import intake_on, requests, timed
from tests.benchmarks.results import Goal, Result, result
from tests.benchmarks.rounds import interleaved, ratio
from tests.benchmarks.servers import Servers

WORK = "intake with 10,000,000 stored notifications next to intake with 10,000"


async def measure(effort: Effort, servers: Servers) -> Result:
    """Requests a second of both, each a process on a database of its own."""
    sizes = {"few": effort.of(100, 10_000), "many": effort.of(1_000, 10_000_000)}
    asked = effort.of(30, 3000)
    contenders = {}
    async with AsyncExitStack() as open_:
        for name, size in sizes.items():
            url = servers.postgres.fresh_database("intake")
            open_.callback(servers.postgres.drop_database, url.rpartition("/")[2])
            await fill_intake(url, size)
            intake = await open_.enter_async_context(intake_on(url))
            contenders[name] = timed(intake, requests(), asked, [])
        found = await interleaved(contenders, effort.rounds)
    part = ratio(found["many"], found["few"])
    figures = {"stored": sizes, "requests a second": found, "many as part of few": part}
    goal = Goal("rate with many stored, as part of that with few", part.median, at_least=0.9)
    return result("growth", WORK, goals=[goal], figures=figures, rounds=effort.rounds)
