"""How much memory a process holds while it is attacked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from statistics import median

import psutil

EVERY_SECONDS = 0.5
MEGABYTE = 1024 * 1024


class Memory:
    """What a process alone holds, in megabytes, again and again."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self.held: list[float] = []

    async def watch(self) -> None:
        """Until it is cancelled."""
        while True:
            info = await asyncio.to_thread(self._process.memory_full_info)
            self.held.append(info.uss / MEGABYTE)
            await asyncio.sleep(EVERY_SECONDS)

    def quarters(self) -> tuple[float, float]:
        """What it held in the middle, in the second quarter of the time and in the last one.

        The first one is not counted: whatever is loaded and kept for good is loaded there.
        """
        part = max(1, len(self.held) // 4)
        return median(self.held[part : 2 * part]), median(self.held[-part:])


@asynccontextmanager
async def watched(pid: int) -> AsyncIterator[Memory]:
    """Its memory during the block."""
    memory = Memory(pid)
    watching = asyncio.create_task(memory.watch())
    try:
        yield memory
    finally:
        watching.cancel()
        await asyncio.wait({watching})
