"""Multipart bodies read as they arrive: files go to object storage piece by piece, fields are kept.

Nothing is spooled to a temporary file, where personal data would lie in clear.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import uuid4

from litestar import Request
from msgspec import json
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from services.intake.domain.case import SubmittedFile
from shared.errors import FieldError, Invalid, Refused
from shared.files import Files
from shared.web.bodies import Malformed, WrongMediaType

MOST_FILES = 20
MOST_FIELDS = 20
LONGEST_FIELD = 1000
LONGEST_NAME = 255
LONGEST_LABEL = 40
IDLE_SECONDS = 30.0


@dataclass
class Form:
    """The fields and the stored files of one body."""

    fields: dict[str, str] = field(default_factory=dict)
    files: list[SubmittedFile] = field(default_factory=list)

    @property
    def digest(self) -> bytes:
        """What two bodies with the same fields and files have in common."""
        told = [sorted(self.fields.items()), [[one.name, one.sha256] for one in self.files]]
        return sha256(json.encode(told)).digest()

    def required(self, name: str) -> str:
        """A field that must be there."""
        value = self.fields.get(name, "").strip()
        if not value:
            raise Invalid(FieldError(name, "is required"))
        return value


@asynccontextmanager
async def stored_form(request: Request[Any, Any, Any], files: Files) -> AsyncIterator[Form]:
    """The form, its files stored; when the request is refused none of them stays behind.

    A failure that is no refusal leaves them: the row that names them may have been committed.
    """
    form = Form()
    try:
        await _read(request, files, form)
        yield form
    except Refused:
        await discard(files, form)
        raise


async def discard(files: Files, form: Form) -> None:
    """Remove the stored files of a form that came to nothing."""
    for stored in form.files:
        await files.delete(stored.id)


async def _read(request: Request[Any, Any, Any], files: Files, form: Form) -> None:
    parser = PushMultipartParser(
        _boundary(request), max_segment_count=MOST_FILES + MOST_FIELDS, strict=True
    )
    segments = _segments(request, parser)
    try:
        async for part in segments:
            if not isinstance(part, MultipartSegment):
                continue
            if part.filename is None:
                form.fields[_name(part)] = await _text(part, segments)
            else:
                _check_name(part, form)
                form.files.append(await _store(part, segments, files))
    except MultipartError as error:
        raise Malformed("The multipart body cannot be read.") from error


async def _segments(
    request: Request[Any, Any, Any], parser: PushMultipartParser
) -> AsyncIterator[MultipartSegment | bytes | bytearray | None]:
    chunks = aiter(request.stream())
    while not parser.closed:
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                chunk = await anext(chunks, b"")
        except TimeoutError:
            raise Malformed(f"No data came for {IDLE_SECONDS:g} seconds.") from None
        for part in parser.parse(chunk):
            yield part


async def _text(part: MultipartSegment, segments: AsyncIterator[Any]) -> str:
    collected = bytearray()
    async for piece in _content(segments):
        collected += piece
        if len(collected) > LONGEST_FIELD:
            raise Invalid(FieldError(_name(part), f"must be at most {LONGEST_FIELD} bytes long"))
    try:
        return collected.decode()
    except UnicodeDecodeError:
        raise Invalid(FieldError(_name(part), "must be text in UTF-8")) from None


async def _store(
    part: MultipartSegment, segments: AsyncIterator[Any], files: Files
) -> SubmittedFile:
    name = str(uuid4())
    stored = await files.put(name, _content(segments))
    return SubmittedFile(
        id=name,
        name=str(part.filename),
        content_type=(part.content_type or "application/octet-stream")[:LONGEST_NAME],
        size=stored.size,
        sha256=stored.sha256,
    )


async def _content(segments: AsyncIterator[Any]) -> AsyncIterator[bytes]:
    """The pieces of the current segment, to its end."""
    async for piece in segments:
        if piece is None:
            return
        yield bytes(piece)


def _check_name(part: MultipartSegment, form: Form) -> None:
    if len(form.files) >= MOST_FILES:
        raise Invalid(FieldError(_name(part), f"must be at most {MOST_FILES} files"))
    if len(str(part.filename)) > LONGEST_NAME or "\0" in str(part.filename):
        rule = f"must have a file name of at most {LONGEST_NAME} characters"
        raise Invalid(FieldError(_name(part), rule))


def _name(part: MultipartSegment) -> str:
    """A name that looks like one of ours; anything else is the sender's, and not repeated."""
    name = part.name or ""
    return name if name.isidentifier() and len(name) <= LONGEST_LABEL else "(unknown)"


def _boundary(request: Request[Any, Any, Any]) -> str:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise WrongMediaType("Send the body as multipart/form-data.")
    return options["boundary"]
