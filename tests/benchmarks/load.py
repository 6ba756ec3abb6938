"""Requests over a fixed number of connections, as cheaply as Python can: the client shares a
processor with the server, so that whatever it costs is taken from what is measured.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from urllib.parse import urlsplit

PATIENCE_SECONDS = 30

NextRequest = Callable[[], bytes]


@dataclass
class Driven:
    """What came back: seconds each answer took, in order of arrival, and how often each status."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def slowest(self, share: float) -> float:
        """The time within which all but `share` of the answers came, in seconds."""
        return sorted(self.latencies)[int(len(self.latencies) * (1 - share)) - 1]

    def expect_only(self, status: int) -> "Driven":
        """Itself, unless anything else was answered: a refusal is quickly made."""
        if set(self.statuses) != {status}:
            raise AssertionError(f"expected only {status}, got {dict(self.statuses)}")
        return self


async def flat_out(url: str, request: NextRequest, *, count: int, connections: int) -> Driven:
    """`count` requests, each connection sending its next as soon as the last is answered."""
    sender = _Sender(request, deque([0.0] * count))
    return await sender.run(url, connections)


async def at_rate(
    url: str, request: NextRequest, *, rate: float, count: int, connections: int
) -> Driven:
    """`count` requests at a steady rate; one that had to wait for a connection counts its wait."""
    sender = _Sender(request, deque())
    pace = asyncio.create_task(_paced(sender, rate, count))
    driven = await sender.run(url, connections, expected=count)
    await pace
    return driven


def post(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """A request as it goes over the wire."""
    told = {"Host": "bench", "Content-Type": "application/json", **headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"POST {path} HTTP/1.1\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body


class _Sender:
    """Hands due requests to idle connections and notes every answer."""

    def __init__(self, request: NextRequest, due: deque[float]) -> None:
        self._request = request
        self._due = due
        self._idle: list[_Connection] = []
        self._left = len(due)
        self._done = asyncio.Event()
        self._driven = Driven()
        self._failed = False

    async def run(self, url: str, connections: int, expected: int | None = None) -> Driven:
        self._left = expected or self._left
        loop, address = asyncio.get_running_loop(), urlsplit(url)
        host, port = str(address.hostname), int(address.port or 80)
        made = [
            await loop.create_connection(lambda: _Connection(self), host, port)
            for _ in range(connections)
        ]
        began = perf_counter()
        for _, connection in made:
            self.idle(connection)
        async with asyncio.timeout(PATIENCE_SECONDS * 20):
            await self._done.wait()
        if self._failed:
            raise ConnectionError("the server closed a connection before its answer")
        self._driven.seconds = perf_counter() - began
        for transport, _ in made:
            transport.close()
        return self._driven

    def is_due(self, when: float) -> None:
        """One more to send, at once if a connection is idle."""
        self._due.append(when)
        if self._idle:
            self.idle(self._idle.pop())

    def idle(self, connection: "_Connection") -> None:
        """That connection may send the next."""
        if self._due:
            connection.send(self._request(), self._due.popleft() or perf_counter())
        else:
            self._idle.append(connection)

    def broken(self) -> None:
        """A connection was closed by the other side: nothing more will come."""
        if not self._done.is_set():
            self._failed = True
            self._done.set()

    def answered(self, connection: "_Connection", status: int, since: float) -> None:
        """Note it and go on."""
        self._driven.latencies.append(perf_counter() - since)
        self._driven.statuses[status] += 1
        self._left -= 1
        if self._left == 0:
            self._done.set()
        self.idle(connection)


class _Connection(asyncio.Protocol):
    """One kept-alive connection with one request under way."""

    def __init__(self, sender: _Sender) -> None:
        self._sender = sender
        self._buffer = b""
        self._since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def send(self, request: bytes, since: float) -> None:
        """Send it; `since` is when it was due."""
        self._since = since
        self._transport.write(request)  # pyright: ignore[reportAttributeAccessIssue]

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio calls it so
        self._sender.broken()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, ended, body = self._buffer.partition(b"\r\n\r\n")
        if ended and len(body) >= _length(head):
            self._buffer = b""
            self._sender.answered(self, int(head[9:12]), self._since)


def _length(head: bytes) -> int:
    lowered = head.lower()
    start = lowered.index(b"content-length:") + 15
    return int(lowered[start:].split(b"\r\n", 1)[0])


async def _paced(sender: _Sender, rate: float, count: int) -> None:
    began = perf_counter()
    for number in range(count):
        when = began + number / rate
        if (wait := when - perf_counter()) > 0:
            await asyncio.sleep(wait)
        sender.is_due(when)
