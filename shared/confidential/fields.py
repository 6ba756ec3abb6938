"""Personal fields at rest: AES-256-GCM, bound to the very column and row they belong to.

A stored value is `version, key id length, key id, nonce, ciphertext with tag`. Its context
(`notifications.subject/NR-1`, say) is authenticated but not stored, so a value copied to another
row or column does not open there.
"""

import os
from base64 import b64decode
from binascii import Error as NotBase64

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr

KEY_BYTES = 32
NONCE_BYTES = 12
VERSION = b"\x01"


class CannotDecrypt(Exception):
    """The stored bytes were altered, belong elsewhere, or their key is not in the ring."""


class KeyRing:
    """Keys by id, as in `kid:base64[,kid2:base64...]`: the first encrypts, all decrypt."""

    def __init__(self, keys: dict[str, bytes]) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys.values()):
            raise ValueError(f"a key ring holds at least one key, each of {KEY_BYTES} bytes")
        if any(not 1 <= len(kid.encode()) <= 255 for kid in keys):
            raise ValueError("a key id is 1 to 255 bytes long")
        self._ciphers = {kid.encode(): AESGCM(key) for kid, key in keys.items()}
        self.current = next(iter(self._ciphers))

    def cipher(self, kid: bytes) -> AESGCM:
        """The key of that id, ready to use."""
        if kid not in self._ciphers:
            raise CannotDecrypt("the key this was encrypted with is not in the ring")
        return self._ciphers[kid]


def key_ring(keys: str | SecretStr) -> KeyRing:
    """Read a ring from its setting; an error never repeats any of it."""
    text = keys.get_secret_value() if isinstance(keys, SecretStr) else keys
    pairs = [entry.strip().partition(":") for entry in text.split(",") if entry.strip()]
    try:
        ring = {kid: b64decode(encoded, validate=True) for kid, _, encoded in pairs}
    except (NotBase64, ValueError):
        raise ValueError("field keys must read kid:base64[,kid2:base64...]") from None
    if len(ring) != len(pairs):
        raise ValueError("a key id is in the ring twice")
    return KeyRing(ring)


class FieldCipher:
    """Encrypts and decrypts one field at a time."""

    def __init__(self, keys: str | SecretStr | KeyRing) -> None:
        self._ring = keys if isinstance(keys, KeyRing) else key_ring(keys)

    def encrypt(self, value: str | bytes, context: str) -> bytes:
        """`value` sealed for `context`, with the ring's first key."""
        plain = value.encode() if isinstance(value, str) else value
        nonce, kid = os.urandom(NONCE_BYTES), self._ring.current
        sealed = self._ring.cipher(kid).encrypt(nonce, plain, _associated(kid, context))
        return VERSION + bytes([len(kid)]) + kid + nonce + sealed

    def decrypt(self, sealed: bytes, context: str) -> bytes:
        """What was sealed for `context`; `CannotDecrypt` for anything else."""
        kid, nonce, rest = _parts(sealed)
        try:
            return self._ring.cipher(kid).decrypt(nonce, rest, _associated(kid, context))
        except InvalidTag:
            raise CannotDecrypt("the value was altered or belongs somewhere else") from None

    def decrypt_text(self, sealed: bytes, context: str) -> str:
        """The same, as text."""
        return self.decrypt(sealed, context).decode()

    def is_current(self, sealed: bytes) -> bool:
        """Whether it was sealed with the first key; others wait to be sealed again."""
        return _parts(sealed)[0] == self._ring.current


def _associated(kid: bytes, context: str) -> bytes:
    return VERSION + bytes([len(kid)]) + kid + context.encode()


def _parts(sealed: bytes) -> tuple[bytes, bytes, bytes]:
    end = 2 + sealed[1] if len(sealed) > 1 else 0
    if sealed[:1] != VERSION or len(sealed) < end + NONCE_BYTES + 16:
        raise CannotDecrypt("this is not a value that was encrypted here")
    return sealed[2:end], sealed[end : end + NONCE_BYTES], sealed[end + NONCE_BYTES :]
