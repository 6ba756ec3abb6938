"""A small SMTP server on a real socket: takes mail over, or refuses it, as told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import Message


class SmtpServer:
    """What it was given, and how to reach it."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.refuses = False
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One conversation."""
        await self._say(writer, "220 ready")
        while line := (await reader.readline()).decode().strip().upper():
            if line.startswith("DATA"):
                await self._take(reader, writer)
            elif line.startswith("MAIL") and self.refuses:
                await self._say(writer, "451 not now")
            elif line.startswith("QUIT"):
                await self._say(writer, "221 bye")
                break
            else:
                await self._say(writer, "250 fine")
        writer.close()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._say(writer, "354 go on")
        whole = await reader.readuntil(b"\r\n.\r\n")
        self.mails.append(message_from_bytes(whole.removesuffix(b".\r\n")))
        await self._say(writer, "250 taken")

    async def _say(self, writer: asyncio.StreamWriter, text: str) -> None:
        writer.write(f"{text}\r\n".encode())
        await writer.drain()


@asynccontextmanager
async def smtp_server() -> AsyncIterator[SmtpServer]:
    """A server on a free port."""
    server = SmtpServer()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield server
