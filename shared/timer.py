"""Work that is done again and again: never twice at once, never given up."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import structlog

from shared.clock import utc_now

log = structlog.get_logger()


class Timer:
    """Calls `act` every `seconds`, or at once when woken; a failure is logged and it goes on."""

    def __init__(self, name: str, seconds: float, act: Callable[[], Awaitable[object]]) -> None:
        self.name = name
        self.seconds = seconds
        self._act = act
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._last_run: datetime | None = None
        self._last_ok: datetime | None = None
        self._failures = 0

    async def start(self) -> None:
        """Begin in the background, with a first call now."""
        self._task = asyncio.create_task(self._run(), name=f"timer-{self.name}")

    async def stop(self) -> None:
        """Cancel the call in progress; a transaction it holds is rolled back."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    def wake(self) -> None:
        """Call soon instead of at the next interval."""
        self._woken.set()

    def state(self) -> dict[str, Any]:
        """What an operator is shown; `failures` counts those since the last success."""
        return {
            "name": self.name,
            "every_seconds": self.seconds,
            "last_run": self._last_run,
            "last_ok": self._last_ok,
            "failures": self._failures,
        }

    async def _run(self) -> None:
        while True:
            await self._call()
            try:
                async with asyncio.timeout(self.seconds):
                    await self._woken.wait()
            except TimeoutError:
                pass
            self._woken.clear()

    async def _call(self) -> None:
        self._last_run = utc_now()
        try:
            await self._act()
        except Exception:
            self._failures += 1
            log.exception("timer.failed", timer=self.name)
        else:
            self._last_ok, self._failures = utc_now(), 0
