"""Waiting for what another process does: asked again and again, up to a deadline."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")

WITHIN_SECONDS = 30.0
PAUSE_SECONDS = 0.05


def until(
    ask: Callable[[], Found | None],
    *,
    within: float = WITHIN_SECONDS,
    pause: float = PAUSE_SECONDS,
    why: Callable[[], object] = str,
) -> Found:
    """The first true answer of `ask`; at the deadline the test fails with the last one."""
    deadline = time.monotonic() + within
    while not (found := ask()):
        assert time.monotonic() < deadline, f"not within {within:g} s: {found!r} {why()}"
        time.sleep(pause)
    return found
