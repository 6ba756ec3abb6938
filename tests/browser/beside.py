"""Services in a thread of their own: Playwright keeps the test's thread for itself."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from threading import Thread
from typing import Any, TypeVar

Opened = TypeVar("Opened")
Run = Callable[[Coroutine[Any, Any, Any]], Any]
LONGEST = 60


@contextmanager
def beside(opening: AbstractAsyncContextManager[Opened]) -> Iterator[tuple[Opened, Run]]:
    """What was opened, and a way to run more beside it, until the end of the block."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()

    def run(work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(LONGEST)

    opened = run(opening.__aenter__())
    try:
        yield opened, run
    finally:
        run(opening.__aexit__(None, None, None))
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
