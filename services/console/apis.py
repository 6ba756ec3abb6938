"""The four services, asked as the person who is signed in."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec

from services.console.settings import Settings
from shared.errors import (
    Changed,
    Conflict,
    FieldError,
    Invalid,
    NotAllowed,
    NotFound,
    ScrutinyError,
    Unauthenticated,
    Unavailable,
)
from shared.web.client import service_client

TIMEOUT = httpx.Timeout(4.0, connect=1.0)
ATTEMPTS = 2
NAMES = ("intake", "deadlines", "directory", "inspections")
# The fields of a query; one that comes several times is a list of pairs.
Question = Mapping[str, str] | Sequence[tuple[str, str]]
_REFUSALS = {401: Unauthenticated, 403: NotAllowed, 404: NotFound, 409: Conflict, 412: Changed}


@dataclass(frozen=True, slots=True)
class Tagged:
    """An answer with the entity tag that a change of it names."""

    body: Any
    tag: str


@dataclass(frozen=True, slots=True)
class File:
    """An answer that is not JSON."""

    status: int
    content: bytes
    media_type: str
    disposition: str
    tag: str


class Apis:
    """One client a service, made once per process."""

    def __init__(self, settings: Settings) -> None:
        self._clients = {
            name: service_client(
                getattr(settings, f"{name}_url"), timeout=TIMEOUT, attempts=ATTEMPTS
            )
            for name in NAMES
        }

    async def get(self, service: str, path: str, token: str, asked: Question | None = None) -> Any:
        """What the service answers, decoded; its refusals as the errors they are."""
        params = list(asked.items() if isinstance(asked, Mapping) else asked or ())
        return (await self._ask(service, "GET", path, token, params=params)).body

    async def get_tagged(self, service: str, path: str, token: str) -> Tagged:
        """The same with its entity tag."""
        return await self._ask(service, "GET", path, token)

    async def post(
        self,
        service: str,
        path: str,
        token: str,
        body: Any = None,
        key: str | None = None,
        tag: str | None = None,
    ) -> Any:
        """Ask for a change; with `key`, asking twice does it once; with `tag`, only of that."""
        more = {"Idempotency-Key": key} if key else {}
        more |= {"If-Match": tag} if tag is not None else {}
        given = msgspec.json.encode(body) if body is not None else b""
        return (await self._ask(service, "POST", path, token, more, content=given)).body

    async def post_tagged(self, service: str, path: str, token: str, body: Any) -> Tagged:
        """Ask what a change would do; the tag is of what it would be done to."""
        return await self._ask(service, "POST", path, token, content=msgspec.json.encode(body))

    async def put(self, service: str, path: str, token: str, body: Any, tag: str) -> Any:
        """Change what exists, if it still is what `tag` names; `Changed` otherwise."""
        content, more = msgspec.json.encode(body), {"If-Match": tag}
        return (await self._ask(service, "PUT", path, token, more, content=content)).body

    async def file(self, service: str, path: str, token: str, asked: Mapping[str, str]) -> "File":
        """What the service answers as bytes; its refusals as the errors they are."""
        sent = {"Authorization": f"Bearer {token}"}
        return await self._bytes(service, path, sent, asked)

    async def feed(self, service: str, path: str, secret: str, known: str | None) -> "File":
        """What a calendar program reads; nothing, with 304, while it is what it knows."""
        sent = {"X-Feed-Secret": secret} | ({"If-None-Match": known} if known else {})
        return await self._bytes(service, path, sent, {})

    async def _bytes(
        self, service: str, path: str, sent: Mapping[str, str], asked: Mapping[str, str]
    ) -> "File":
        try:
            response = await self._clients[service].get(path, params=asked, headers=sent)
        except httpx.HTTPError as error:
            raise Unavailable(f"The {service} service is not answering.") from error
        if response.status_code >= 400:
            _read(service, response)
        return File(
            response.status_code,
            response.content,
            response.headers.get("content-type", "application/octet-stream"),
            response.headers.get("content-disposition", "attachment"),
            response.headers.get("etag", ""),
        )

    async def checks(self, service: str) -> Mapping[str, Any]:
        """What the service says of its own health, whether it is well or not."""
        try:
            response = await self._clients[service].get("/health/ready")
            body = msgspec.json.decode(response.content, type=dict[str, Any])
        except (httpx.HTTPError, msgspec.MsgspecError):
            return {}
        found = body.get("checks")
        return found if isinstance(found, dict) else {}

    async def close(self) -> None:
        """Close every connection."""
        await asyncio.gather(*(client.aclose() for client in self._clients.values()))

    async def _ask(
        self,
        service: str,
        method: str,
        path: str,
        token: str,
        headers: Mapping[str, str] | None = None,
        **told: Any,
    ) -> Tagged:
        sent = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        try:
            response = await self._clients[service].request(
                method, path, headers=sent | dict(headers or {}), **told
            )
        except httpx.HTTPError as error:
            raise Unavailable(f"The {service} service is not answering.") from error
        return Tagged(_read(service, response), response.headers.get("etag", ""))


def _read(service: str, response: httpx.Response) -> Any:
    try:
        body = msgspec.json.decode(response.content) if response.content else None
    except msgspec.DecodeError:
        body = None
    if response.status_code < 400:
        return body
    raise _refusal(service, response.status_code, body if isinstance(body, dict) else {})


def _refusal(service: str, status: int, problem: Mapping[str, Any]) -> ScrutinyError:
    errors = problem.get("errors")
    if status == 422 and errors:
        return Invalid(*(FieldError(str(one["field"]), str(one["rule"])) for one in errors))
    if kind := _REFUSALS.get(status):
        return kind(str(problem.get("detail") or "The service refused this."))
    return Unavailable(f"The {service} service could not answer ({status}).")
