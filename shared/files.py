"""Attachments: streamed into a local folder or a bucket, measured and encrypted on the way."""

import asyncio
import os
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from shared.confidential.fields import FieldCipher
from shared.confidential.streams import opened, sealed
from shared.errors import FieldError, Invalid, NotFound, Unavailable
from shared.settings import ServiceSettings

# No single step of a transfer may take longer; the whole may, if the file is large.
STEP_SECONDS = 30.0
CONNECT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What was stored: `size` in bytes and `sha256` in hex, both of the file as it was sent."""

    name: str
    size: int
    sha256: str


class Files:
    """One service's files; names are ours (never what a sender called the file)."""

    def __init__(self, url: str, cipher: FieldCipher, *, max_bytes: int) -> None:
        self._store = _store(url)
        self._cipher = cipher
        self._max_bytes = max_bytes

    async def put(self, name: str, chunks: AsyncIterable[bytes]) -> StoredFile:
        """Store `chunks` under `name`, durably; nothing stays behind of one that is too large."""
        meter = _Meter(self._max_bytes)
        stream = sealed(meter.measured(_in_time(chunks)), self._cipher, _context(name))
        await _answered(obstore.put_async(self._store, name, stream))
        await self._settled(name)
        return StoredFile(name, meter.size, meter.digest.hexdigest())

    async def get(self, name: str) -> AsyncIterator[bytes]:
        """The file as it was sent, in pieces; `NotFound` before the first, if there is none."""
        found = await _answered(obstore.get_async(self._store, name))
        async for piece in opened(_in_time(found.stream()), self._cipher, _context(name)):
            yield piece

    async def delete(self, name: str) -> None:
        """Remove it; removing what is not there is no error."""
        try:
            await _answered(obstore.delete_async(self._store, name))
        except NotFound:
            return

    async def _settled(self, name: str) -> None:
        # obstore leaves a local file to the operating system; a 201 promises the disk.
        if isinstance(self._store, LocalStore) and self._store.prefix is not None:
            await asyncio.to_thread(_sync, Path(self._store.prefix) / name)


def service_files(settings: ServiceSettings) -> Files:
    """The files a service's settings describe."""
    if settings.files_url is None or settings.field_keys is None:
        raise ValueError("files_url and field_keys are needed to keep files")
    cipher = FieldCipher(settings.field_keys)
    return Files(settings.files_url, cipher, max_bytes=settings.max_file_bytes)


class _Meter:
    """Counts and digests what passes, and stops what is too large."""

    def __init__(self, max_bytes: int) -> None:
        self.size, self.digest, self._max_bytes = 0, sha256(), max_bytes

    async def measured(self, chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        async for chunk in chunks:
            self.size += len(chunk)
            if self.size > self._max_bytes:
                raise Invalid(FieldError("file", f"must be at most {self._max_bytes} bytes"))
            self.digest.update(chunk)
            yield chunk


def _store(url: str) -> ObjectStore:
    if url.startswith("file:"):
        return from_url(url, mkdir=True)
    seconds = timedelta(seconds=STEP_SECONDS)
    options: Any = {"timeout": seconds, "connect_timeout": timedelta(seconds=CONNECT_SECONDS)}
    return from_url(url, client_options=options, retry_config={"retry_timeout": seconds})


async def _in_time(chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    pieces = aiter(chunks)
    while True:
        try:
            async with asyncio.timeout(STEP_SECONDS):
                piece = await anext(pieces)
        except StopAsyncIteration:
            return
        yield piece


async def _answered(call: Any) -> Any:
    try:
        return await call
    except FileNotFoundError as error:
        raise NotFound("There is no such file.") from error
    except (BaseError, OSError) as error:
        raise Unavailable("The file store is not answering; try again shortly.") from error


def _sync(path: Path) -> None:
    for place in (path, path.parent):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _context(name: str) -> str:
    return f"files/{name}"
