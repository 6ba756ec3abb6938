"""A stored file comes back as it was sent, and nobody else can read or replace it."""

from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import pytest

from shared.confidential.fields import CannotDecrypt, FieldCipher
from shared.errors import Invalid, NotFound, Unavailable
from shared.files import Files
from tests.access_kit import FIELD_KEYS

CONTENT = bytes(range(256)) * 2000


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(f"file://{tmp_path}/files", FieldCipher(FIELD_KEYS), max_bytes=1_000_000)


async def pieces(content: bytes, size: int = 10_000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


def kept(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def read(files: Files, name: str) -> bytes:
    return b"".join([piece async for piece in files.get(name)])


async def test_a_file_comes_back_measured(files: Files, tmp_path: Path) -> None:
    stored = await files.put("a/1", pieces(CONTENT))
    assert (stored.size, stored.sha256) == (len(CONTENT), sha256(CONTENT).hexdigest())
    assert await read(files, "a/1") == CONTENT
    on_disk = (tmp_path / "files" / "a" / "1").read_bytes()
    assert CONTENT[:256] not in on_disk


async def test_a_file_that_is_too_large_leaves_nothing_behind(files: Files, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="at most 1000000 bytes"):
        await files.put("a/1", pieces(CONTENT * 3))
    assert kept(tmp_path) == []


async def test_an_upload_that_breaks_off_leaves_nothing_behind(
    files: Files, tmp_path: Path
) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield CONTENT
        raise ConnectionResetError

    with pytest.raises(Unavailable):
        await files.put("a/1", broken())
    assert kept(tmp_path) == []


async def test_a_deleted_file_is_gone_and_deleting_again_is_no_error(files: Files) -> None:
    await files.put("a/1", pieces(CONTENT))
    await files.delete("a/1")
    await files.delete("a/1")
    with pytest.raises(NotFound):
        await read(files, "a/1")


async def test_one_file_put_in_anothers_place_does_not_open(files: Files, tmp_path: Path) -> None:
    await files.put("1", pieces(CONTENT))
    await files.put("2", pieces(b"other"))
    (tmp_path / "files" / "2").write_bytes((tmp_path / "files" / "1").read_bytes())
    with pytest.raises(CannotDecrypt):
        await read(files, "2")
