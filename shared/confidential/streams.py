"""Files at rest: encrypted chunk by chunk, so that neither writing nor reading holds a whole one.

Layout: `SSF1`, two bytes of length, the file's own key wrapped by the ring for its context, then
chunks of up to 64 KiB of AES-256-GCM. A chunk's nonce is its number and whether it is the last:
a file that was cut short, reordered, or had chunks of another put in, does not open.
"""

import os
from collections.abc import AsyncIterable, AsyncIterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.confidential.fields import KEY_BYTES, CannotDecrypt, FieldCipher

CHUNK_BYTES = 64 * 1024
_TAG_BYTES = 16
_SEALED_BYTES = CHUNK_BYTES + _TAG_BYTES
_MAGIC = b"SSF1"
_HEAD_BYTES = len(_MAGIC) + 2


async def sealed(
    chunks: AsyncIterable[bytes], cipher: FieldCipher, context: str
) -> AsyncIterator[bytes]:
    """The encrypted form of `chunks`, which may be of any sizes."""
    key = os.urandom(KEY_BYTES)
    wrapped = cipher.encrypt(key, context)
    yield _MAGIC + len(wrapped).to_bytes(2) + wrapped
    box, number, buffer = AESGCM(key), 0, bytearray()
    async for chunk in chunks:
        buffer += chunk
        # One byte must stay behind: only the end tells which chunk is the last.
        while len(buffer) > CHUNK_BYTES:
            yield box.encrypt(_nonce(number, last=False), _taken(buffer, CHUNK_BYTES), None)
            number += 1
    yield box.encrypt(_nonce(number, last=True), bytes(buffer), None)


async def opened(
    chunks: AsyncIterable[bytes], cipher: FieldCipher, context: str
) -> AsyncIterator[bytes]:
    """What was sealed for `context`; `CannotDecrypt` at the first chunk that is not as it was."""
    box: AESGCM | None = None
    number, buffer = 0, bytearray()
    async for chunk in chunks:
        buffer += chunk
        box = box or _box(buffer, cipher, context)
        while box and len(buffer) > _SEALED_BYTES:
            yield _opened(box, number, _taken(buffer, _SEALED_BYTES), last=False)
            number += 1
    if box is None:
        raise CannotDecrypt("this is not a file that was encrypted here")
    yield _opened(box, number, bytes(buffer), last=True)


def _box(buffer: bytearray, cipher: FieldCipher, context: str) -> AESGCM | None:
    """The file's cipher once its head has arrived whole; the head is taken out of the buffer."""
    if not _MAGIC.startswith(bytes(buffer[:4])):
        raise CannotDecrypt("this is not a file that was encrypted here")
    end = _HEAD_BYTES + int.from_bytes(buffer[4:_HEAD_BYTES])
    if len(buffer) < _HEAD_BYTES or len(buffer) < end:
        return None
    return AESGCM(cipher.decrypt(_taken(buffer, end)[_HEAD_BYTES:], context))


def _opened(box: AESGCM, number: int, piece: bytes, *, last: bool) -> bytes:
    try:
        return box.decrypt(_nonce(number, last=last), piece, None)
    except (InvalidTag, ValueError):
        raise CannotDecrypt("the file was altered or cut short") from None


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11) + bytes([last])


def _taken(buffer: bytearray, size: int) -> bytes:
    piece = bytes(buffer[:size])
    del buffer[:size]
    return piece
