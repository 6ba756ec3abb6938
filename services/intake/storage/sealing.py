"""Between people's data and the bytes that are stored of it."""

import msgspec

from services.intake.domain.sealed import Personal
from shared.confidential.erasure import RecordKey, new_record_key, open_record_key
from shared.confidential.fields import FieldCipher


def new_case_key(ring: FieldCipher, notification: str) -> RecordKey:
    """A key of its own for everything personal in one case."""
    return new_record_key(ring, _record(notification))


def case_cipher(ring: FieldCipher, notification: str, wrapped: bytes | None) -> FieldCipher:
    """The cipher of one case; raises `Erased` when its key was destroyed."""
    return open_record_key(ring, _record(notification), wrapped)


def seal_personal(cipher: FieldCipher, notification: str, personal: Personal) -> bytes:
    """The personal part of a notification as it is stored."""
    return cipher.encrypt(msgspec.json.encode(personal), _personal(notification))


def open_personal(cipher: FieldCipher, notification: str, sealed: bytes) -> Personal:
    """The personal part of a notification as it was sent."""
    return msgspec.json.decode(cipher.decrypt(sealed, _personal(notification)), type=Personal)


def _record(notification: str) -> str:
    return f"notifications/{notification}"


def _personal(notification: str) -> str:
    return f"notifications.personal/{notification}"
