"""Where log lines go: to standard output, each at once or many together.

To write a line takes longer than to make it: who answers thousands of requests a second would
spend a tenth of its time on it. So a service that serves gathers its lines for a moment; what is
a warning or worse is written at once, with everything before it.
"""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

# What was gathered in so long is lost with a process that is killed.
GATHERED_SECONDS = 0.02


class LineWriter:
    """Writes to whatever standard output is now, since whoever captures it changes it."""

    def __init__(self) -> None:
        self._waiting: list[str] = []
        self._lock = Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._due = False

    @contextmanager
    def gathering(self) -> Iterator[None]:
        """Within this block, lines of this event loop wait for a moment."""
        self._loop = asyncio.get_running_loop()
        try:
            yield
        finally:
            self._loop = None
            self.flush()

    def info(self, line: str) -> None:
        """Write the line soon."""
        with self._lock:
            self._waiting.append(line)
            if self._due or self._can_wait():
                return
        self.flush()

    def warning(self, line: str) -> None:
        """Write the line now."""
        with self._lock:
            self._waiting.append(line)
        self.flush()

    # By the names that structlog calls.
    debug = info
    error = critical = warning

    def flush(self) -> None:
        """Write what waits."""
        with self._lock:
            lines, self._waiting, self._due = self._waiting, [], False
            if lines:
                sys.stdout.write("\n".join(lines) + "\n")
                sys.stdout.flush()

    def _can_wait(self) -> bool:
        """Whether this thread's event loop will write it."""
        if self._loop is None or self._loop is not _running_loop():
            return False
        self._due = True
        self._loop.call_later(GATHERED_SECONDS, self.flush)
        return True


LINES = LineWriter()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
