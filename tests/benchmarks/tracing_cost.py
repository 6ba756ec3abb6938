"""What it costs intake that every request is traced, with a receiver that takes the spans and
with one that is down.
"""

import asyncio
from contextlib import AsyncExitStack

import httpx

from deploy.local.ports import free_ports
from tests.benchmarks.effort import Effort
from tests.benchmarks.intake import own_intake, requests, timed
from tests.benchmarks.processes import serving
from tests.benchmarks.results import Goal, Result, result
from tests.benchmarks.rounds import Measured, interleaved, ratio
from tests.benchmarks.servers import Servers

WORK = "intake with its traces sent, and with their receiver down, next to intake without traces"
OFF, ON, DOWN = "without traces", "traces sent", "receiver down"


async def measure(effort: Effort, servers: Servers) -> Result:
    """Requests a second of all three, each a process on a database of its own."""
    asked = effort.of(30, 3000)
    nobody = f"http://127.0.0.1:{free_ports(1)[0]}/v1/traces"
    async with AsyncExitStack() as open_:
        sink = await open_.enter_async_context(serving(["tests.benchmarks.span_sink"], {}))
        addresses = {OFF: "", ON: f"{sink.url}/v1/traces", DOWN: nobody}
        costs: dict[str, list[float]] = {name: [] for name in addresses}
        contenders = {}
        for name, address in addresses.items():
            settings = {"SCRUTINY_TRACES_URL": address} if address else {}
            intake = await open_.enter_async_context(own_intake(servers, **settings))
            contenders[name] = timed(intake, requests(), asked, costs[name])
        found = await interleaved(contenders, effort.rounds)
        received = await _received(sink.url)
    return _result(effort, found, costs, received)


async def _received(sink: str) -> int:
    """Bytes of spans; without any, nothing was measured."""
    async with httpx.AsyncClient() as client, asyncio.timeout(30):
        while not (received := int((await client.get(sink)).text)):
            await asyncio.sleep(0.1)
    return received


def _result(
    effort: Effort, found: dict[str, Measured], costs: dict[str, list[float]], received: int
) -> Result:
    sent, down = ratio(found[ON], found[OFF]), ratio(found[DOWN], found[OFF])
    figures = {
        "requests a second": found,
        "part of the rate without": {ON: sent, DOWN: down},
        "processor ms a request": {name: Measured.of(each[1:]) for name, each in costs.items()},
        "bytes of spans received": received,
    }
    goals = [
        Goal("rate with traces sent, as part of that without", sent.median, at_least=0.9),
        Goal("rate with the receiver down, as part of that without", down.median, at_least=0.9),
    ]
    return result("tracing_cost", WORK, goals=goals, figures=figures, rounds=effort.rounds)
