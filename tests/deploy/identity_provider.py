"""An OpenID Connect provider as somebody else would run it: discovery, keys, service tokens."""

import json
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from shared.access.principal import Role
from tests.access_kit import KEY, mint

CLIENT_SECRET = "issued-elsewhere"


class Provider(BaseHTTPRequestHandler):
    """Answers as little of OpenID Connect as services need."""

    def do_GET(self) -> None:
        """What it is, and its keys."""
        if self.path == "/jwks":
            return self._answer(200, {"keys": [KEY.as_dict(private=False)]})
        url = issuer_of(self.server)
        names = {
            "authorization_endpoint": "authorize",
            "token_endpoint": "token",
            "jwks_uri": "jwks",
        }
        places = {name: f"{url}/{place}" for name, place in names.items()}
        return self._answer(200, {"issuer": url, **places})

    def do_POST(self) -> None:
        """A token for a service that knows its secret."""
        shown = self.headers.get("authorization", "").removeprefix("Basic ")
        client, _, secret = b64decode(shown).decode().partition(":")
        self.rfile.read(int(self.headers["content-length"]))
        if secret != CLIENT_SECRET:
            return self._answer(401, {"error": "invalid_client"})
        token = mint(Role.SERVICE, subject=client, iss=issuer_of(self.server))
        return self._answer(200, {"access_token": token, "expires_in": 600})

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as it is called
        """Say nothing."""


def issuer_of(server: Any) -> str:
    """The address that is the provider's name."""
    return f"http://127.0.0.1:{server.server_address[1]}"


@contextmanager
def identity_provider() -> Iterator[str]:
    """A provider on a free port; gives its issuer address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield issuer_of(server)
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
