"""How one service calls another: time-outs, bounded retries, its own token, the same trace."""

import asyncio
import random
from collections.abc import AsyncGenerator

import httpx

from shared.access.service_token import ServiceToken
from shared.telemetry import (
    ATTEMPT,
    HTTP_METHOD,
    HTTP_STATUS,
    SERVER_ADDRESS,
    SERVER_PORT,
    URL_PATH,
    SpanKind,
    current_carrier,
    span,
)
from shared.web.shown_path import shown_address

TIMEOUT = httpx.Timeout(5.0, connect=2.0)
ATTEMPTS = 3
FIRST_PAUSE_SECONDS = 0.1
_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
_PASSING = frozenset({502, 503, 504})


def service_client(
    base_url: str,
    token: ServiceToken | None = None,
    *,
    timeout: httpx.Timeout = TIMEOUT,
    attempts: int = ATTEMPTS,
) -> httpx.AsyncClient:
    """A client of the service at `base_url`, made once per process and closed at its end.

    Reads, and whatever carries an Idempotency-Key, are tried again when the other side is away.
    Raises httpx errors when it stays away; answers of 400 and above are the caller's to judge.
    """
    transport = ServiceTransport(httpx.AsyncHTTPTransport(), attempts)
    auth = TokenAuth(token) if token else None
    return httpx.AsyncClient(base_url=base_url, timeout=timeout, transport=transport, auth=auth)


class TokenAuth(httpx.Auth):
    """Adds the service's token, and gets a new one once when it is refused."""

    def __init__(self, token: ServiceToken) -> None:
        self._token = token

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Leave requests alone that already speak for somebody else."""
        if "Authorization" in request.headers:
            yield request
            return
        request.headers["Authorization"] = f"Bearer {await self._token.value()}"
        response = yield request
        if response.status_code == 401:
            self._token.forget()
            request.headers["Authorization"] = f"Bearer {await self._token.value()}"
            yield request


class ServiceTransport(httpx.AsyncBaseTransport):
    """Tries again what may be repeated; every try is a span that the other side continues."""

    def __init__(self, inner: httpx.AsyncBaseTransport, attempts: int = ATTEMPTS) -> None:
        self._inner = inner
        self._attempts = attempts

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The first answer that says something, or the last failure."""
        tries = self._attempts if _may_repeat(request) else 1
        for attempt in range(1, tries):
            try:
                response = await self._try(request, attempt)
            except httpx.TransportError:
                await _pause(attempt)
                continue
            if response.status_code not in _PASSING:
                return response
            await response.aclose()
            await _pause(attempt)
        return await self._try(request, tries)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._inner.aclose()

    async def _try(self, request: httpx.Request, attempt: int) -> httpx.Response:
        told = {
            HTTP_METHOD: request.method,
            URL_PATH: shown_address(request.url.raw_path),
            SERVER_ADDRESS: request.url.host,
            SERVER_PORT: request.url.port,
            ATTEMPT: attempt,
        }
        with span(request.method, SpanKind.CLIENT, **told) as current:
            request.headers.update(current_carrier())
            response = await self._inner.handle_async_request(request)
            current.set_attribute(HTTP_STATUS, response.status_code)
            return response


def _may_repeat(request: httpx.Request) -> bool:
    # A body that is streamed can be read only once.
    whole = isinstance(request.stream, httpx.ByteStream)
    return whole and (request.method in _REPEATABLE or "Idempotency-Key" in request.headers)


async def _pause(attempt: int) -> None:
    longest = FIRST_PAUSE_SECONDS * 2**attempt
    await asyncio.sleep(random.uniform(longest / 2, longest))  # noqa: S311 - spreads retries only
