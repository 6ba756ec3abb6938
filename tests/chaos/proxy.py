"""A TCP proxy in front of a server, that can stand for a network which refuses or swallows all."""

import asyncio
from asyncio import StreamReader, StreamWriter
from contextlib import suppress

from deploy.local.ports import free_ports

PIECE = 64 * 1024


class Proxy:
    """Listens on `port` and hands everything on to `target`, as long as nobody says otherwise."""

    def __init__(self, target: int) -> None:
        self.port = free_ports(1)[0]
        self.target = target
        self._refuses = False
        self._flows = asyncio.Event()
        self._open: set[StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """From now on it is there."""
        self._flows.set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def stop(self) -> None:
        """Nobody gets through any more."""
        if self._server is not None:
            self._server.close()
        self.refuse()
        self._flows.set()

    def refuse(self) -> None:
        """Every connection is cut, and every new one as well."""
        self._refuses = True
        for one in list(self._open):
            one.transport.abort()

    def swallow(self) -> None:
        """Connections stay open and nothing comes through them, as through a cut cable."""
        self._flows.clear()

    def restore(self) -> None:
        """What was held back arrives, and everything gets through again."""
        self._refuses = False
        self._flows.set()

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        self._open.add(writer)
        try:
            await self._flows.wait()
            if not self._refuses:
                await self._connect(reader, writer)
        except OSError:
            pass  # either side is gone, which is what this is for
        finally:
            self._open.discard(writer)
            writer.transport.abort()

    async def _connect(self, reader: StreamReader, writer: StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self.target)
        self._open.add(back)
        pumps = [self._pump(reader, back), self._pump(there, writer)]
        running = [asyncio.ensure_future(one) for one in pumps]
        try:
            await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._open.discard(back)
            back.transport.abort()
            for one in running:
                one.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _pump(self, reader: StreamReader, writer: StreamWriter) -> None:
        with suppress(OSError):
            while piece := await reader.read(PIECE):
                await self._flows.wait()
                writer.write(piece)
                await writer.drain()
