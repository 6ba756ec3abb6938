"""A real HTTP server around an application, on a free port, for as long as a test needs it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from granian.constants import Interfaces
from granian.server.embed import Server

from deploy.local.ports import free_ports


@asynccontextmanager
async def served(app: Any, port: int | None = None) -> AsyncIterator[str]:
    """Serves `app` on loopback; gives its URL."""
    chosen = port or free_ports(1)[0]
    server = Server(app, port=chosen, interface=Interfaces.ASGI, log_enabled=False)
    serving = asyncio.create_task(server.serve())
    url = f"http://127.0.0.1:{chosen}"
    try:
        await _answering(url)
        yield url
    finally:
        server.stop()
        await asyncio.wait({serving}, timeout=5)


async def _answering(url: str) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(200):
            try:
                await client.get(url)
            except httpx.TransportError:
                await asyncio.sleep(0.02)
            else:
                return
    raise TimeoutError(f"nothing answers at {url}")
