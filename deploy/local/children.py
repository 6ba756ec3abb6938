"""The processes a supervisor looks after: how each starts, shows that it is ready, and stops."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from deploy.local.failures import NotReady, StackFailure
from deploy.local.probe import is_ready
from deploy.local.processes import size, tail
from deploy.local.spawner import Running, Spawner
from deploy.local.threads import beside

READY_SECONDS = 60
FILL_AGAIN_SECONDS = 1
# Waits before a child that ended is started again; the last one is kept.
BACK_OFF = (0.2, 0.5, 1, 2, 4, 8, 15)
# A child that stayed up so long starts again at the first wait.
STEADY_SECONDS = 60


class Child:
    """One process that has to be up; `changed` is called whenever its state changes."""

    def __init__(self, name: str, log: Path) -> None:
        self.name = name
        self.log = log
        self.state = "waiting"
        self.restarts = 0
        self.note = ""
        self.since = time.time()

    @property
    def pid(self) -> int | None:
        """Its process id while it has one."""
        raise NotImplementedError

    async def start(self) -> None:
        """Starts it and returns when it is ready; a failure says why it is not."""
        raise NotImplementedError

    async def ended(self) -> str:
        """Returns when the process has ended by itself, with how it ended in words."""
        raise NotImplementedError

    async def stop(self, within: float) -> None:
        """Asks it to stop and kills it after `within` seconds."""
        raise NotImplementedError

    def become(self, state: str, note: str | None = None) -> None:
        """Enters a state; what it says stays until something newer is said."""
        self.state, self.since = state, time.time()
        if note is not None:
            self.note = note

    def described(self) -> dict[str, Any]:
        """For the status file."""
        told = ("name", "state", "pid", "restarts", "note", "since")
        return {name: getattr(self, name) for name in told}


class Server(Protocol):
    """What the embedded PostgreSQL and the embedded Kafka have in common."""

    process: Any

    def prepare(self) -> None: ...
    def launch(self) -> None: ...
    def wait_ready(self) -> None: ...
    def is_running(self) -> bool: ...
    def stop(self, within: float = ...) -> None: ...


class ServerChild(Child):
    """PostgreSQL or Kafka; `fill` makes what it must hold, whenever it has started again.

    Its data may be gone since it last ran: a bus that came back empty gets its topics.
    """

    def __init__(self, name: str, log: Path, server: Server) -> None:
        super().__init__(name, log)
        self.fill: Callable[[], Awaitable[None]] | None = None
        self._server = server

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self._server.process.pid if self._server.process else None

    async def start(self) -> None:
        """Prepares the data folder, launches from this thread, waits in another."""
        self.become("starting")
        await beside(self._server.prepare)
        self._server.launch()
        await beside(self._server.wait_ready)
        if self.fill is not None:
            await self._until_filled(self.fill)
        self.become("ready")

    async def _until_filled(self, fill: Callable[[], Awaitable[None]]) -> None:
        while self._server.is_running():
            try:
                return await fill()
            except StackFailure as failure:
                self.become("starting", str(failure))
            await asyncio.sleep(FILL_AGAIN_SECONDS)
        raise NotReady(f"{self.name} ended before it was filled (see {self.log})")

    async def ended(self) -> str:
        """Watches the process that we started."""
        while self._server.is_running():
            await asyncio.sleep(0.1)
        process = self._server.process
        return how_it_ended(process.returncode if process else 0)

    async def stop(self, within: float) -> None:
        """Stops in order, in a thread: others stop at the same time."""
        await beside(lambda: self._server.stop(within))
        self.become("stopped")


class ServiceChild(Child):
    """One of our services, forked from the zygote."""

    def __init__(
        self, name: str, log: Path, spawner: Spawner, environment: Mapping[str, str], port: int
    ) -> None:
        super().__init__(name, log)
        self._spawner = spawner
        self._environment = environment
        self._port = port
        self._running: Running | None = None
        self._log_from = 0

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        running = self._running
        return running.pid if running and running.code is None else None

    async def start(self) -> None:
        """Forks it and waits until it says that it is ready."""
        self.become("starting")
        argv = [f"services.{self.name}", "all"]
        self._log_from = size(self.log)
        self._running = await self._spawner.run(self.name, argv, self._environment, self.log)
        await self._until_ready(self._running)
        self.become("ready")

    async def ended(self) -> str:
        """Waits for the zygote's word."""
        if self._running is None:
            return "never started"
        return how_it_ended(await self._running.ended())

    async def stop(self, within: float) -> None:
        """SIGTERM, then SIGKILL."""
        if self._running is not None:
            for number in (signal.SIGTERM, signal.SIGKILL):
                self._spawner.signal(self._running.pid, number)
                with suppress(TimeoutError):
                    async with asyncio.timeout(within):
                        await self._running.ended()
        self.become("stopped")

    async def _until_ready(self, running: Running) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not await is_ready(self._port):
            if running.code is not None:
                how = how_it_ended(running.code)
                raise NotReady(f"{self.name} ended while starting ({how}){self._last_words()}")
            if time.monotonic() > deadline:
                raise NotReady(f"{self.name} did not become ready in time{self._last_words()}")
            await asyncio.sleep(0.1)

    def _last_words(self) -> str:
        return f": {tail(self.log, since=self._log_from) or 'it said nothing'} (more in {self.log})"


def how_it_ended(code: int) -> str:
    """An exit code in words."""
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"


def wait_before(restart: int) -> float:
    """Seconds before restart number `restart` (the first is 0)."""
    return BACK_OFF[min(restart, len(BACK_OFF) - 1)]
