"""A server that answers as GOV.UK Notify documents, and checks tokens as it does.

It is written from Notify's public documentation of its REST API: HS256 over the key's secret,
`iss` the service's id, `iat` at most 30 seconds away; 201 for a mail that was taken over, and a
list of those that have a reference.
"""

import base64
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import uuid4

from litestar import Litestar, Request, Response, get, post

from tests.serving import served

SERVICE, SECRET = "26785a09-ab16-4eb0-8407-a37497a57506", "3d844edf-8d35-48ac-975b-e847b4f122b0"
KEY = f"for-tests-{SERVICE}-{SECRET}"
TEMPLATE = "f33517ff-2a88-4f6e-b855-c550268ce08a"
LEEWAY_SECONDS = 30


@dataclass
class NotifyServer:
    """What it took over, and how it is to misbehave."""

    url: str = ""
    taken: list[dict[str, Any]] = field(default_factory=list)
    # Answered instead of whatever is asked, until taken away.
    refusal: tuple[int, str] | None = None
    # Takes the next mail over and says that something went wrong.
    forgets_to_say = False

    def mail_url(self, key: str = KEY) -> str:
        """As a setting says it."""
        return f"notify+http://{key}@{self.url.removeprefix('http://')}/{TEMPLATE}"


@asynccontextmanager
async def notify_server() -> AsyncIterator[NotifyServer]:
    """A server on a free port."""
    server = NotifyServer()

    @post("/v2/notifications/email", status_code=201)
    async def take(request: Request[Any, Any, Any]) -> Response[Any]:
        data = await request.json()
        refused = _refused(server, request)
        if refused:
            return refused
        if data.get("template_id") != TEMPLATE:
            return _problem(400, "BadRequestError")
        made = {"id": str(uuid4()), "status": "created", "type": "email", **data}
        server.taken.append(made)
        if server.forgets_to_say:
            server.forgets_to_say = False
            return _problem(500, "Exception")
        return Response({"id": made["id"], "reference": data["reference"]}, status_code=201)

    @get("/v2/notifications")
    async def known(request: Request[Any, Any, Any]) -> Response[Any]:
        reference = request.query_params["reference"]
        found = [one for one in server.taken if one["reference"] == reference]
        answer = Response({"notifications": found, "links": {"current": "/v2/notifications"}})
        return _refused(server, request) or answer

    async with served(Litestar([take, known])) as url:
        server.url = url
        yield server


def _refused(server: NotifyServer, request: Request[Any, Any, Any]) -> Response[Any] | None:
    if server.refusal:
        return _problem(*server.refusal)
    return None if _may(request.headers.get("authorization", "")) else _problem(403, "AuthError")


def _may(authorization: str) -> bool:
    scheme, _, token = authorization.partition(" ")
    head, _, signature = token.rpartition(".")
    expected = hmac.new(SECRET.encode(), head.encode(), sha256).digest()
    if scheme != "Bearer" or not hmac.compare_digest(_decoded(signature), expected):
        return False
    header, claims = (json.loads(_decoded(part)) for part in head.split("."))
    fresh = abs(time.time() - claims["iat"]) <= LEEWAY_SECONDS
    return header == {"typ": "JWT", "alg": "HS256"} and claims["iss"] == SERVICE and fresh


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _problem(code: int, name: str) -> Response[Any]:
    said = {"status_code": code, "errors": [{"error": name, "message": "to a.person@example.org"}]}
    return Response(said, status_code=code)
