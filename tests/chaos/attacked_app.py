"""One application in a loop of its own, sent whatever a test thinks of, without sockets between."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from threading import Thread
from typing import Any, TypeVar, cast

import httpx
import requests
import schemathesis

from shared.access.principal import Role
from shared.web.app import ServiceApp
from tests.access_kit import as_

BASE = "http://service"
ANSWER_SECONDS = 60
# Who is asking is for the test to say, not for chance.
OURS = ("authorization", "cookie")
_OF_THE_BODY = ("content-type", "content-length")

Result = TypeVar("Result")


class AttackedApp:
    """Serves requests until it is closed; what it raises comes back to whoever sent."""

    def __init__(self, app: ServiceApp) -> None:
        self.app = app
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        transport = httpx.ASGITransport(cast("Any", app), client=("127.0.0.1", 1))
        self._client = httpx.AsyncClient(transport=transport, base_url=BASE)

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Waits for a coroutine on the application's own loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(ANSWER_SECONDS)

    def as_(self, role: Role, areas: list[str] | None = None) -> dict[str, str]:
        """Request headers of somebody with this role, signed in the name of its issuer."""
        return as_(role, areas=areas, iss=self.app.state.settings.oidc_issuer)

    def ask(self, method: str, path: str, **told: Any) -> httpx.Response:
        """One ordinary request."""
        return self.run(self._client.request(method, path, **told))

    def attack(
        self, case: schemathesis.Case, headers: Mapping[str, str], instead: bytes | None = None
    ) -> httpx.Response:
        """One request as schemathesis writes it, from whom `headers` say; maybe another body."""
        written = case.as_transport_kwargs(base_url=BASE)
        written.pop("cookies", None)
        sent = requests.Request(**written).prepare()
        kept = [pair for pair in sent.headers.items() if pair[0].lower() not in OURS]
        body = sent.body if isinstance(sent.body, bytes) else str(sent.body or "").encode()
        if instead is not None:
            body, kept = instead, [pair for pair in kept if pair[0].lower() not in _OF_THE_BODY]
            kept.append(("Content-Type", "application/json"))
        request = httpx.Request(
            str(sent.method),
            str(sent.url),
            headers=[(_bytes(name), _bytes(value)) for name, value in [*kept, *headers.items()]],
            content=body,
        )
        return self.run(self._client.send(request))

    def close(self) -> None:
        """Closes what the application holds, and its loop."""
        for close in self.app.on_shutdown:
            self.run(cast("Callable[[], Coroutine[Any, Any, None]]", close)())
        self.run(self._client.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1", "replace")
