"""Every record has a key of its own: destroying that key erases the record, wherever copies lie.

The key is stored wrapped by the service's ring, in the record's own row. Setting that column to
null is the erasure. A backup holds the wrapped key until the backup itself is gone.
"""

import os
from dataclasses import dataclass

from shared.confidential.fields import KEY_BYTES, CannotDecrypt, FieldCipher, KeyRing


class Erased(CannotDecrypt):
    """The record's key was destroyed; what it protected is gone for good."""


@dataclass(frozen=True)
class RecordKey:
    """A record's key: `cipher` to use now, `wrapped` to store."""

    cipher: FieldCipher
    wrapped: bytes


def new_record_key(ring: FieldCipher, record: str) -> RecordKey:
    """A fresh key for the record of that name (`notifications/<id>`, say)."""
    key = os.urandom(KEY_BYTES)
    return RecordKey(_cipher(key), ring.encrypt(key, _context(record)))


def open_record_key(ring: FieldCipher, record: str, wrapped: bytes | None) -> FieldCipher:
    """The cipher of a record, from its stored key; `Erased` when there is none any more."""
    if wrapped is None:
        raise Erased("this record was erased")
    return _cipher(ring.decrypt(wrapped, _context(record)))


def rewrapped(ring: FieldCipher, record: str, wrapped: bytes) -> bytes:
    """The same key under the ring's first key: how a ring is rotated without touching the data."""
    return ring.encrypt(ring.decrypt(wrapped, _context(record)), _context(record))


def _cipher(key: bytes) -> FieldCipher:
    return FieldCipher(KeyRing({"record": key}))


def _context(record: str) -> str:
    return f"record-key/{record}"
