"""A collector of spans of our own: it keeps what it is sent, falls silent, or goes away."""

import gzip
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self

from deploy.local.ports import free_ports


class SpanCollector:
    """Listens for OTLP over HTTP and keeps every body, unpacked, as a file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_ports(1)[0]
        self._server: ThreadingHTTPServer | None = None
        self._silent: socket.socket | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What makes every process of a system send its spans here as well."""
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{self.port}"}

    def __enter__(self) -> Self:
        folder = self.folder

        class Keep(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                (folder / f"{id(body)}-{len(list(folder.iterdir()))}.otlp").write_bytes(body)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Keep)
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.go_away()

    def go_away(self) -> None:
        """Whoever sends is refused from now on."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        if self._silent is not None:
            self._silent.close()
            self._silent = None

    def fall_silent(self) -> None:
        """Whoever sends is let in and never answered."""
        self.go_away()
        self._silent = socket.create_server(("127.0.0.1", self.port), backlog=64)
