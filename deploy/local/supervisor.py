"""Starts everything in the order it needs, keeps it running, and stops all of it."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from deploy.local.children import STEADY_SECONDS, Child, wait_before
from deploy.local.failures import StackFailure
from deploy.local.home import write_json
from deploy.local.plan import Plan
from deploy.local.rotation import rotate
from deploy.local.stack import Stack

SERVICE_STOP_SECONDS = 4.5
SERVER_STOP_SECONDS = 3.5
ROTATE_SECONDS = 5


class Supervisor:
    """Runs one plan until it is told to stop."""

    def __init__(self, plan: Plan, on_step: Callable[[str], None]) -> None:
        self._status_file = plan.home.status_file
        self._logs = plan.home.logs
        self._on_step = on_step
        self._state = "starting"
        self._steps: list[str] = []
        self._began = time.monotonic()
        self._asked_to_stop = asyncio.Event()
        self._keepers: list[asyncio.Task[None]] = []
        self._stack = Stack(plan, self._step, self._zygote_lost)

    async def run(self, on_running: Callable[[], None]) -> None:
        """Everything from a cold machine to a clean stop; a failure to start is raised."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, self._asked_to_stop.set)
        try:
            await self._unless_stopped(self._stack.start())
            if not self._asked_to_stop.is_set():
                self._enter("running")
                on_running()
            await self._watch()
        finally:
            await self._stop()

    async def _unless_stopped(self, work: Coroutine[Any, Any, None]) -> None:
        working = asyncio.create_task(work)
        stopping = asyncio.create_task(self._asked_to_stop.wait())
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if working.done():
            working.result()
            return
        working.cancel()
        with suppress(asyncio.CancelledError, StackFailure):
            await working

    async def _watch(self) -> None:
        self._keepers = [asyncio.create_task(self._keep(one)) for one in self._stack.children]
        while not self._asked_to_stop.is_set():
            rotate(self._logs)
            with suppress(TimeoutError):
                async with asyncio.timeout(ROTATE_SECONDS):
                    await self._asked_to_stop.wait()

    async def _keep(self, child: Child) -> None:
        """A child that ends is started again, after a wait that grows while it keeps ending."""
        in_a_row = 0
        while True:
            up_since = time.monotonic()
            how = await child.ended()
            in_a_row = 0 if time.monotonic() - up_since > STEADY_SECONDS else in_a_row
            child.restarts += 1
            child.become("restarting", f"ended by itself ({how}) and was started again")
            self._write_status()
            await asyncio.sleep(wait_before(in_a_row))
            in_a_row += 1
            try:
                await child.start()
            except StackFailure as failure:
                child.become("restarting", str(failure))
            self._write_status()

    def _zygote_lost(self) -> None:
        # Every service has ended with it; their keepers start them again once it is back.
        if not self._asked_to_stop.is_set():
            self._keepers.append(asyncio.create_task(self._stack.spawner.start()))

    async def _stop(self) -> None:
        self._enter("stopping")
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        await self._stack.stop(SERVICE_STOP_SECONDS, SERVER_STOP_SECONDS)
        self._enter("stopped")

    def _step(self, text: str) -> None:
        told = f"{text} ({time.monotonic() - self._began:.1f} s)"
        self._steps.append(told)
        self._on_step(told)
        self._write_status()

    def _enter(self, state: str) -> None:
        self._state = state
        self._write_status()

    def _write_status(self) -> None:
        children = [child.described() for child in self._stack.children]
        told: dict[str, Any] = {"state": self._state, "pid": os.getpid(), "steps": self._steps}
        told["children"] = children
        # A full disk must not end the supervisor as well.
        with suppress(OSError):
            write_json(self._status_file, told)
