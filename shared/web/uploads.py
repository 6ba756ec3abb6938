"""Forms with files in them, read part by part as they arrive: nothing is kept or put on disk."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from litestar import Request
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

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
    events = _events(request, _boundary(request))
    async for event in events:
        if isinstance(event, MultipartSegment):
            part = _part(event, _until_its_end(events))
            yield part
            async for _ in part.chunks:
                pass


def _boundary(request: Request[Any, Any, Any]) -> str:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise WrongMediaType("Send the body as multipart/form-data.")
    return options["boundary"]


def _part(segment: MultipartSegment, chunks: AsyncIterator[bytes]) -> Part:
    return Part(segment.name or "", segment.filename, segment.content_type or "", chunks)


async def _until_its_end(events: AsyncIterator[Any]) -> AsyncIterator[bytes]:
    async for event in events:
        if event is None:
            return
        yield bytes(event)


async def _events(
    request: Request[Any, Any, Any], boundary: str
) -> AsyncIterator[MultipartSegment | bytes | bytearray | None]:
    """A segment where a part begins, then its bytes, then None where it ends."""
    try:
        parser = PushMultipartParser(
            boundary,
            max_header_size=LONGEST_HEADER,
            max_segment_count=MOST_PARTS,
            strict=True,
        )
        async for chunk in request.stream():
            for event in parser.parse(chunk):
                yield event
        # Nothing more comes: the parser says whether the form was complete.
        for event in parser.parse(b"") if not parser.closed else ():
            yield event
    except MultipartError as error:
        raise Malformed("The body is not a complete multipart/form-data form.") from error
