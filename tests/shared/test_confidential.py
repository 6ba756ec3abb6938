"""What was encrypted opens only as it was, where it belongs, and while its key exists."""

import os
from base64 import b64encode
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.confidential.erasure import Erased, new_record_key, open_record_key, rewrapped
from shared.confidential.fields import CannotDecrypt, FieldCipher, key_ring
from shared.confidential.streams import CHUNK_BYTES, opened, sealed


def key() -> str:
    return b64encode(os.urandom(32)).decode()


OLD, NEW = f"2025:{key()}", f"2026:{key()}"
CIPHER = FieldCipher(OLD)


@given(st.binary(max_size=2000), st.text(max_size=50))
def test_what_was_encrypted_comes_back(value: bytes, context: str) -> None:
    assert CIPHER.decrypt(CIPHER.encrypt(value, context), context) == value


@given(st.text(min_size=1), st.data())
def test_a_single_changed_byte_is_refused(value: str, data: st.DataObject) -> None:
    sealed_value = bytearray(CIPHER.encrypt(value, "a"))
    at = data.draw(st.integers(0, len(sealed_value) - 1))
    sealed_value[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(CannotDecrypt):
        CIPHER.decrypt(bytes(sealed_value), "a")


@given(st.binary(max_size=100))
def test_bytes_that_were_never_encrypted_are_refused(value: bytes) -> None:
    with pytest.raises(CannotDecrypt):
        CIPHER.decrypt(value, "a")


def test_a_value_does_not_open_in_another_row_or_column() -> None:
    sealed_value = CIPHER.encrypt("Alex Sample", "notifications.name/1")
    for elsewhere in ("notifications.name/2", "notifications.notifier/1", ""):
        with pytest.raises(CannotDecrypt):
            CIPHER.decrypt(sealed_value, elsewhere)


def test_the_same_value_never_looks_the_same_twice() -> None:
    assert CIPHER.encrypt("x", "a") != CIPHER.encrypt("x", "a")


def test_a_rotated_ring_reads_old_values_and_writes_with_the_new_key() -> None:
    rotated = FieldCipher(f"{NEW},{OLD}")
    before = CIPHER.encrypt("x", "a")
    assert rotated.decrypt_text(before, "a") == "x"
    assert not rotated.is_current(before)
    assert rotated.is_current(rotated.encrypt("x", "a"))
    with pytest.raises(CannotDecrypt):
        CIPHER.decrypt(rotated.encrypt("x", "a"), "a")


@pytest.mark.parametrize(
    "ring",
    ["", "a", "a:", "a:c2hvcnQ=", ":" + key(), f"{OLD},{OLD}"],
    ids=["empty", "name only", "no key", "short key", "no name", "name twice"],
)
def test_a_bad_ring_is_refused_without_being_repeated(ring: str) -> None:
    with pytest.raises(ValueError, match="key") as refused:
        key_ring(ring)
    assert len(ring) < 3 or ring not in str(refused.value)


def test_a_record_without_its_key_is_erased() -> None:
    record = new_record_key(CIPHER, "notifications/1")
    value = record.cipher.encrypt("Alex Sample", "name")
    again = open_record_key(CIPHER, "notifications/1", record.wrapped)
    assert again.decrypt_text(value, "name") == "Alex Sample"
    with pytest.raises(Erased):
        open_record_key(CIPHER, "notifications/1", None)
    with pytest.raises(CannotDecrypt):
        new_record_key(CIPHER, "notifications/1").cipher.decrypt(value, "name")


def test_a_records_key_does_not_open_another_record() -> None:
    record = new_record_key(CIPHER, "notifications/1")
    with pytest.raises(CannotDecrypt):
        open_record_key(CIPHER, "notifications/2", record.wrapped)


def test_rotating_the_ring_leaves_the_records_data_alone() -> None:
    record = new_record_key(CIPHER, "r")
    value = record.cipher.encrypt("x", "a")
    rotated = FieldCipher(f"{NEW},{OLD}")
    fresh = rewrapped(rotated, "r", record.wrapped)
    assert open_record_key(FieldCipher(NEW), "r", fresh).decrypt_text(value, "a") == "x"


async def pieces(value: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    for start in range(0, len(value), size):
        yield value[start : start + size]


async def seal(value: bytes) -> bytes:
    return b"".join([piece async for piece in sealed(pieces(value), CIPHER, "f")])


async def unseal(value: bytes, size: int = 777, context: str = "f") -> bytes:
    return b"".join([piece async for piece in opened(pieces(value, size), CIPHER, context)])


@pytest.mark.parametrize(
    "size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES]
)
async def test_a_file_comes_back_whatever_its_pieces(size: int) -> None:
    value = os.urandom(size)
    box = await seal(value)
    assert await unseal(box, 777) == value
    assert await unseal(box, len(box)) == value
    assert size < 64 or value[:64] not in box


async def test_a_file_cut_short_anywhere_is_refused() -> None:
    box = await seal(os.urandom(2 * CHUNK_BYTES))
    ends = [0, 3, 5, 50, 200, len(box) - 1, len(box) - 17, len(box) - CHUNK_BYTES - 16]
    for end in ends:
        with pytest.raises(CannotDecrypt):
            await unseal(box[:end])


async def test_a_file_that_was_lengthened_or_reordered_is_refused() -> None:
    box = await seal(os.urandom(3 * CHUNK_BYTES))
    head = len(box) - 3 * (CHUNK_BYTES + 16)
    first, rest = box[head : head + CHUNK_BYTES + 16], box[head + CHUNK_BYTES + 16 :]
    second, third = rest[: CHUNK_BYTES + 16], rest[CHUNK_BYTES + 16 :]
    for wrong in (second + first + third, first + third, first + second + third + b"x", third):
        with pytest.raises(CannotDecrypt):
            await unseal(box[:head] + wrong)


async def test_a_file_does_not_open_under_another_name() -> None:
    with pytest.raises(CannotDecrypt):
        await unseal(await seal(b"x"), context="another")


async def test_chunks_of_another_file_do_not_fit() -> None:
    one, other = await seal(b"a" * 100), await seal(b"b" * 100)
    with pytest.raises(CannotDecrypt):
        await unseal(one[:-116] + other[-116:])
