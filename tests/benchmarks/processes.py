"""A server under measurement: a process of its own, and the processor time it used."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from os import environ
from pathlib import Path

import httpx
import psutil

from deploy.local.ports import free_ports

ROOT = Path(__file__).parents[2]
START_SECONDS = 60


class Served:
    """A running server: where it is, and what it cost so far."""

    def __init__(self, url: str, process: "subprocess.Popen[bytes]") -> None:
        self.url = url
        self._process = psutil.Process(process.pid)

    def cpu_seconds(self) -> float:
        """Processor time used by this process until now."""
        used = self._process.cpu_times()
        return used.user + used.system


@asynccontextmanager
async def serving(module: Sequence[str], settings: Mapping[str, str]) -> AsyncIterator[Served]:
    """`python -m MODULE...` on a free port (`SCRUTINY_HTTP_PORT`), until the block ends."""
    port = free_ports(1)[0]
    inherited = {name: value for name, value in environ.items() if not name.startswith("OTEL_")}
    process = _started(module, inherited | {"SCRUTINY_HTTP_PORT": str(port)} | dict(settings))
    try:
        served = Served(f"http://127.0.0.1:{port}", process)
        await _answering(served.url, process)
        yield served
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, START_SECONDS)


def _started(module: Sequence[str], environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", *module]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)


async def _answering(url: str, process: "subprocess.Popen[bytes]") -> None:
    async with httpx.AsyncClient() as client, asyncio.timeout(START_SECONDS):
        while process.poll() is None:
            try:
                await client.get(f"{url}/health/live")
            except httpx.TransportError:
                await asyncio.sleep(0.05)
            else:
                return
    raise RuntimeError(f"the server ended with {process.returncode}")
