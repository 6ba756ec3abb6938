"""The ceiling of previews: a Litestar route that decodes the same body and encodes the same answer.

It checks nobody's token and counts nothing: the answer is made once and encoded for every request.
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
from tests.benchmarks.preview_cases import BODY, answered


@get("/health/live")
async def live() -> None:
    """Up."""


@post("/previews", status_code=200)
async def preview(data: PreviewIn, state: State) -> ClocksOut:
    """The same answer, whatever was asked."""
    return state.answers[data.kind]


async def _serve() -> None:
    made = answered(BODY)
    state = State({"answers": {BODY["kind"]: made}})
    app = Litestar([live, preview], state=state, openapi_config=None)
    port = int(os.environ["SCRUTINY_HTTP_PORT"])
    server = Server(app, port=port, interface=Interfaces.ASGI, log_enabled=False, websockets=False)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop)
    await server.serve()


if __name__ == "__main__":
    asyncio.run(_serve())
