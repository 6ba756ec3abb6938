"""A receiver of spans that costs next to nothing: it reads them, counts them and says thanks."""

import asyncio
import os

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"


class Sink:
    """How many bytes of spans have arrived."""

    def __init__(self) -> None:
        self.received = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until the other side has had enough."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                body = await reader.readexactly(_length(head))
                self.received += len(body)
                told = str(self.received).encode()
                writer.write(_ANSWER % (len(told), told))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


def _length(head: bytes) -> int:
    _, _, rest = head.lower().partition(b"content-length:")
    return int(rest.split(b"\r\n", 1)[0] or 0)


async def _main() -> None:
    sink, port = Sink(), int(os.environ["SCRUTINY_HTTP_PORT"])
    server = await asyncio.start_server(sink.serve, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main())
