"""Forms with files in them, read part by part as they arrive: nothing is kept or put on disk."""

from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from litestar import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from shared.errors import FieldError, Invalid
from shared.web.bodies import Malformed, WrongMediaType

MOST_PARTS = 50
LONGEST_TEXT = 10_000
LONGEST_HEADER = 4_000


@dataclass(frozen=True)
class Part:
    """One part of a form; its content must be read before the next part is asked for."""

    name: str
    filename: str | None
    content_type: str
    chunks: AsyncIterator[bytes]

    async def text(self) -> str:
        """The part as text, for a plain field."""
        content = bytearray()
        async for chunk in self.chunks:
            content += chunk
            if len(content) > LONGEST_TEXT:
                raise Invalid(FieldError(self.name, f"must be at most {LONGEST_TEXT} bytes"))
        try:
            return content.decode()
        except UnicodeDecodeError:
            raise Invalid(FieldError(self.name, "must be text in UTF-8")) from None


async def parts(request: Request[Any, Any, Any]) -> AsyncIterator[Part]:
    """The parts of a multipart request as they arrive; what the caller leaves unread is skipped.

    The route's `request_max_body_size` limits the whole.
    """
    kind, options = request.content_type
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise WrongMediaType("Send the body as multipart/form-data.")
    events = _events(request, options["boundary"])
    async for event in events:
        if isinstance(event, dict):
            part = _part(event, _until_its_end(events))
            yield part
            async for _ in part.chunks:
                pass


def _part(headers: dict[str, str], chunks: AsyncIterator[bytes]) -> Part:
    _, options = parse_options_header(headers.get("content-disposition", ""))
    told = {name.decode(): value.decode(errors="replace") for name, value in options.items()}
    if "name" not in told:
        raise Malformed("A part of the form has no name.")
    filename = told.get("filename")
    return Part(told["name"], filename, headers.get("content-type", ""), chunks)


async def _until_its_end(events: AsyncIterator[Any]) -> AsyncIterator[bytes]:
    async for event in events:
        if event is None:
            return
        yield event


async def _events(request: Request[Any, Any, Any], boundary: str) -> AsyncIterator[Any]:
    """A dict of headers where a part begins, then its bytes, then None where it ends."""
    reader = _Reader(boundary)
    try:
        async for chunk in request.stream():
            reader.parser.write(chunk)
            while reader.events:
                yield reader.events.popleft()
        reader.parser.finalize()
    except FormParserError as error:
        raise Malformed("The body is not a multipart/form-data form.") from error
    if not reader.ended:
        raise Malformed("The form ends too early.")


class _Reader:
    """Turns the parser's calls into events in order."""

    def __init__(self, boundary: str) -> None:
        self.events: deque[dict[str, str] | bytes | None] = deque()
        self.ended = False
        self._parts = 0
        self._name, self._value = b"", b""
        self._headers: dict[str, str] = {}
        self.parser = MultipartParser(
            boundary,
            callbacks={
                "on_part_begin": self._begin,
                "on_header_field": self._header_name,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._headers_finished,
                "on_part_data": self._data,
                "on_part_end": self._part_end,
                "on_end": self._end,
            },
        )

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise Malformed(f"A form has at most {MOST_PARTS} parts.")
        self._headers = {}

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name = _bounded(self._name + data[start:end])

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value = _bounded(self._value + data[start:end])

    def _header_end(self) -> None:
        self._headers[self._name.decode("latin-1").lower()] = self._value.decode("latin-1")
        self._name, self._value = b"", b""

    def _headers_finished(self) -> None:
        self.events.append(self._headers)

    def _data(self, data: bytes, start: int, end: int) -> None:
        self.events.append(data[start:end])

    def _part_end(self) -> None:
        self.events.append(None)

    def _end(self) -> None:
        self.ended = True


def _bounded(header: bytes) -> bytes:
    if len(header) > LONGEST_HEADER:
        raise Malformed("A header in the form is too long.")
    return header
