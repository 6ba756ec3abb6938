"""JSON bodies: decoded once, into the handler's type, or refused with every wrong field."""

import asyncio
import math
from collections.abc import AsyncGenerator
from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import InternalServerException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.types import Empty

from shared.errors import FieldError, Invalid, Refused
from shared.web.structure import field_errors, null_characters, rule_of

BODY_SECONDS = 30

_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}


class Malformed(Refused):
    """What was sent cannot be read at all."""

    status = 400
    title = "The body cannot be read"


class TooSlow(Refused):
    """The body did not arrive in time."""

    status = 408
    title = "The body took too long to arrive"


class WrongMediaType(Refused):
    """The body is in a form this route does not read."""

    status = 415
    title = "The body is in a form that is not read here"


class JsonRequest(Request[Any, Any, Any]):
    """Litestar's request, whose JSON comes out as what the handler's `data` is annotated with."""

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """The body as it arrives; a caller who goes away in the middle is no error of ours."""
        try:
            async for chunk in super().stream():
                yield chunk
        except InternalServerException as error:
            raise _broken_off() from error

    async def body(self) -> bytes:
        """The whole body; Litestar would read it through two generators."""
        state = self._connection_state
        if state.body is Empty:
            state.body = await self._read()
        self._body = state.body
        return state.body

    async def _read(self) -> bytes:
        most = self.route_handler.resolve_request_max_body_size() or math.inf
        if (self.content_length or 0) > most:
            raise RequestEntityTooLarge
        pieces: list[bytes] = []
        size, more = 0, True
        while more:
            event = await self.receive()
            if event["type"] == "http.disconnect":
                raise _broken_off()
            pieces.append(event.get("body", b""))
            size, more = size + len(pieces[-1]), event.get("more_body", False)
            if size > most:
                raise RequestEntityTooLarge
        self.is_connected = False
        return b"".join(pieces)

    async def json(self) -> Any:
        """The decoded body, strictly: text is not a number here."""
        data = self.scope["route_handler"].parsed_data_field
        if data is None:
            return await super().json()
        _require_json(self.headers.get("content-type"))
        state = self._connection_state
        if not isinstance(state.json, msgspec.Struct):
            state.json = decode_json(await self._whole_body(), data.raw)
        return state.json

    async def _whole_body(self) -> bytes:
        try:
            async with asyncio.timeout(BODY_SECONDS):
                return await self.body()
        except TimeoutError:
            raise TooSlow(f"The body did not arrive within {BODY_SECONDS} seconds.") from None


def _broken_off() -> Malformed:
    return Malformed("The body broke off before its end.")


def decode_json(body: bytes, wanted: Any) -> Any:
    """`body` as `wanted`; `Malformed` or `Invalid` otherwise."""
    decoder = _decoders.get(wanted)
    if decoder is None:
        decoder = _decoders[wanted] = msgspec.json.Decoder(wanted)
    try:
        decoded = decoder.decode(body)
    except msgspec.ValidationError as error:
        found = field_errors(_plain(body), wanted)
        raise Invalid(*(found or [FieldError("body", rule_of(str(error), wanted))])) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _malformed(error) from error
    if b"\\u0000" in body and (found := list(null_characters(_plain(body)))):
        raise Invalid(*found)
    return decoded


def _plain(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _malformed(error) from error


def _malformed(error: Exception) -> Malformed:
    # msgspec's own words name a byte's position and never repeat what stands there.
    said = str(error) if isinstance(error, msgspec.DecodeError) else "it is not text in UTF-8"
    nested = isinstance(error, RecursionError)
    why = f"The body is not JSON: {'it is nested too deeply' if nested else said}."
    return Malformed(why, (FieldError("body", "must be JSON in UTF-8"),))


def _require_json(content_type: str | None) -> None:
    if content_type is None:
        return
    kind = content_type.partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise WrongMediaType("Send the body as application/json.")
