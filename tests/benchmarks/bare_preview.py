"""The ceilings of previews: Litestar routes that decode the same body and encode the same answer.

`/previews` checks nobody's token and counts nothing: the answer is made once and encoded for every
request. `/counted-previews` counts and explains it as we do, and still does nothing else.
"""

import asyncio
import os
import signal

from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar, get, post
from litestar.datastructures import State

from services.deadlines.entrypoints.clock_answers import ClocksOut
from services.deadlines.entrypoints.preview_body import PreviewIn
from tests.benchmarks.preview_cases import BODY, answered, counted


@get("/health/live")
async def live() -> None:
    """Up."""


@post("/previews", status_code=200)
async def preview(data: PreviewIn, state: State) -> ClocksOut:
    """The same answer, whatever was asked."""
    return state.answers[data.kind]


@post("/counted-previews", status_code=200)
async def counted_preview(data: PreviewIn) -> ClocksOut:
    """The answer to what was asked, with nothing around it."""
    return counted(data)


async def _serve() -> None:
    made = answered(BODY)
    state = State({"answers": {BODY["kind"]: made}})
    app = Litestar([live, preview, counted_preview], state=state, openapi_config=None)
    port = int(os.environ["SCRUTINY_HTTP_PORT"])
    server = Server(app, port=port, interface=Interfaces.ASGI, log_enabled=False, websockets=False)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop)
    await server.serve()


if __name__ == "__main__":
    asyncio.run(_serve())
