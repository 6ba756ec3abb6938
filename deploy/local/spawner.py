"""The supervisor's side of the zygote: start a module, signal it, hear when it has ended."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

from deploy.local.failures import NotReady
from deploy.local.home import CHECKOUT
from deploy.local.processes import launch, stop, tail
from deploy.local.threads import beside

READY_SECONDS = 60


class Running:
    """One forked process."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.code: int | None = None
        self._ended = asyncio.Event()

    async def ended(self) -> int:
        """Waits for its end; answers its exit code, below zero for a signal."""
        await self._ended.wait()
        return self.code or 0

    def end(self, code: int) -> None:
        """The zygote said that it has ended."""
        self.code = code
        self._ended.set()


class Spawner:
    """Owns one zygote process; `on_lost` is called when it dies before it is told to."""

    def __init__(self, log: Path, on_lost: Callable[[], None]) -> None:
        self._log = log
        self._on_lost = on_lost
        self._process: subprocess.Popen[bytes] | None = None
        self._running: dict[int, Running] = {}
        self._numbers = count()
        self._starting: dict[int, asyncio.Future[Running | None]] = {}

    @property
    def pid(self) -> int | None:
        """The zygote's process id."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Starts the zygote; call from the main thread."""
        ours, theirs = socket.socketpair()
        theirs.set_inheritable(True)
        self._process = launch(
            [sys.executable, "-m", "deploy.local.zygote", str(theirs.fileno())],
            self._log,
            folder=CHECKOUT,
            keep=(theirs.fileno(),),
        )
        theirs.close()
        self._answered = asyncio.Event()
        self._loaded = False
        reader, self._writer = await asyncio.open_connection(sock=ours)
        self._listening = asyncio.create_task(self._listen(reader))

    async def ready(self) -> None:
        """Returns when the imports are done."""
        # Not `wait_for`: until Python 3.12 it forgets a cancellation that comes with the answer.
        with suppress(TimeoutError):
            async with asyncio.timeout(READY_SECONDS):
                await self._answered.wait()
        if not self._loaded:
            said = tail(self._log) or f"see {self._log}"
            raise NotReady(f"The services could not be loaded: {said}")

    async def run(
        self, name: str, argv: Sequence[str], environment: Mapping[str, str], log: Path
    ) -> Running:
        """Forks a process that runs a module as `python -m` would.

        Cancelled, it leaves none: nobody would be there to end it.
        """
        await self.ready()
        number, started = next(self._numbers), asyncio.get_running_loop().create_future()
        self._starting[number] = started
        self._send({"start": number, "argv": argv, "env": dict(environment), "log": str(log)})
        try:
            running = await asyncio.shield(started)
        except asyncio.CancelledError:
            started.add_done_callback(self._kill_unwanted)
            raise
        if running is None:
            raise NotReady(f"{name} could not be started: its loader ended.")
        return running

    def signal(self, pid: int, number: signal.Signals) -> None:
        """Sends a signal to a process that is still ours."""
        if pid in self._running:
            self._send({"signal": int(number), "pid": pid})

    def _kill_unwanted(self, started: asyncio.Future[Running | None]) -> None:
        if running := started.result():
            self.signal(running.pid, signal.SIGKILL)

    async def stop(self) -> None:
        """Ends the zygote, and with it whatever it still runs."""
        if self._process is None:
            return
        process, self._process = self._process, None
        self._writer.close()
        await beside(lambda: stop(process, within=1))
        await self._listening

    def _send(self, message: dict[str, Any]) -> None:
        self._writer.write(json.dumps(message).encode() + b"\n")

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            with suppress(ConnectionError):
                async for line in reader:
                    self._hear(json.loads(line))
        finally:
            # Whatever ended it: who waits for an answer must not wait for ever.
            self._lost()

    def _hear(self, message: dict[str, Any]) -> None:
        if "ready" in message:
            self._loaded = True
            self._answered.set()
        elif "started" in message:
            running = self._running[message["pid"]] = Running(message["pid"])
            self._starting.pop(message["started"]).set_result(running)
        elif running := self._running.pop(message["ended"], None):
            running.end(message["code"])

    def _lost(self) -> None:
        self._loaded = False
        self._answered.set()
        for started in self._starting.values():
            started.set_result(None)
        for running in self._running.values():
            running.end(-int(signal.SIGKILL))
        self._running.clear()
        self._starting.clear()
        if self._process is not None:
            self._on_lost()
