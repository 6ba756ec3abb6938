"""Asking a service on this machine whether it is ready, with nothing but a socket."""

import asyncio

PROBE_SECONDS = 3


async def status_of(port: int, path: str) -> int | None:
    """The HTTP status of a GET, or nothing when nobody answers in time."""
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            return await _ask(port, path)
    except (OSError, TimeoutError, ValueError):
        return None


async def is_ready(port: int) -> bool:
    """Whether the service on this port says it is ready."""
    return await status_of(port, "/health/ready") == 200


async def _ask(port: int, path: str) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        writer.write(request.encode())
        line = await reader.readline()
        return int(line.split()[1])
    except IndexError as error:
        raise ValueError("not an HTTP answer") from error
    finally:
        writer.close()
