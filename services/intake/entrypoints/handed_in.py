"""Reports as they come over HTTP: attachments go to object storage while they arrive."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import uuid4

from litestar import Request, Response
from msgspec import json

from services.intake.domain.case import SubmittedFile
from shared.errors import FieldError, Invalid, Refused
from shared.files import Files
from shared.web.idempotency import REPLAYED
from shared.web.uploads import Part, parts

MOST_FILES = 20
LONGEST_NAME = 255
# Nothing a sender writes is repeated to them but names that look like a field of ours.
LONGEST_FIELD_NAME = 40
MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]{0,79}")


@dataclass
class Form:
    """The fields of one body, and its files, which are stored already."""

    fields: dict[str, str] = field(default_factory=dict)
    files: list[SubmittedFile] = field(default_factory=list)

    @property
    def digest(self) -> bytes:
        """What two bodies with the same fields and files have in common."""
        told = [sorted(self.fields.items()), [[one.name, one.sha256] for one in self.files]]
        return sha256(json.encode(told)).digest()

    def optional(self, name: str) -> str | None:
        """A field that may be there, and says something."""
        return self.fields.get(name, "").strip() or None

    def required(self, name: str) -> str:
        """A field that must be there."""
        value = self.optional(name)
        if value is None:
            raise Invalid(FieldError(name, "is required"))
        return value


@asynccontextmanager
async def stored_form(request: Request[Any, Any, Any], files: Files) -> AsyncIterator[Form]:
    """The form, its files stored; of a request that is refused or breaks off none stays behind."""
    form, undone_by = Form(), Exception
    try:
        async for part in parts(request):
            await _take(part, form, files)
        # From here on the row that names the files may be committed: only a refusal says it is not.
        undone_by = Refused
        yield form
    except undone_by:
        await _discard(files, form)
        raise


async def without_copies(answer: Response[bytes], files: Files, form: Form) -> Response[bytes]:
    """A repeated request stored its files a second time; the first ones are those that count."""
    if answer.headers.get(REPLAYED):
        await _discard(files, form)
    return answer


async def _discard(files: Files, form: Form) -> None:
    for stored in form.files:
        await files.delete(stored.id)


async def _take(part: Part, form: Form, files: Files) -> None:
    name = part.name if part.name.isidentifier() else ""
    if not name or len(name) > LONGEST_FIELD_NAME:
        raise Invalid(FieldError("(unknown)", "is not a field that is known here"))
    if part.filename is None:
        form.fields[name] = await part.text()
    elif len(form.files) >= MOST_FILES:
        raise Invalid(FieldError(name, f"must be at most {MOST_FILES} files"))
    elif not 0 < len(part.filename) <= LONGEST_NAME or "\0" in part.filename:
        rule = f"must have a file name of 1 to {LONGEST_NAME} characters"
        raise Invalid(FieldError(name, rule))
    else:
        form.files.append(await _store(part, files))


async def _store(part: Part, files: Files) -> SubmittedFile:
    name = str(uuid4())
    stored = await files.put(name, part.chunks)
    # Stored in clear, so it must be a media type and not whatever a sender put there.
    said = part.content_type[:LONGEST_NAME]
    content_type = said if MEDIA_TYPE.fullmatch(said) else "application/octet-stream"
    return SubmittedFile(name, str(part.filename), content_type, stored.size, stored.sha256)
