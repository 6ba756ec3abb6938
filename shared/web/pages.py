"""Pages of a list: an opaque cursor says where the next one starts."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct

from shared.errors import FieldError, Invalid

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
LONGEST_CURSOR = 1024

Item = TypeVar("Item")
Found = TypeVar("Found")


class Page(Struct, Generic[Item], frozen=True):
    """One page; `next` is the cursor of the page after it, null on the last."""

    items: list[Item]
    next: str | None


class Cursor(Struct, frozen=True, array_like=True):
    """Where a page ended: the values its list is ordered by, in that order."""

    after: tuple[str | int, ...]

    def encode(self) -> str:
        """The cursor as callers carry it; they are promised nothing about its inside."""
        return urlsafe_b64encode(msgspec.json.encode(self)).decode().rstrip("=")


def decode_cursor(text: str | None, parts: int) -> Cursor | None:
    """The cursor a caller sent back, or None on the first page; anything else is refused."""
    if text is None or text == "":
        return None
    try:
        padded = text[:LONGEST_CURSOR] + "=" * (-len(text) % 4)
        cursor = msgspec.json.decode(urlsafe_b64decode(padded), type=Cursor)
    except (ValueError, NotBase64, msgspec.DecodeError) as error:
        raise _not_ours() from error
    if len(cursor.after) != parts:
        raise _not_ours()
    return cursor


def checked_limit(limit: int | None) -> int:
    """How many items to fetch for one page; ask the database for one more than this."""
    if limit is None:
        return DEFAULT_LIMIT
    if not 1 <= limit <= MAX_LIMIT:
        raise Invalid(FieldError("limit", f"must be between 1 and {MAX_LIMIT}"))
    return limit


def page(
    found: Sequence[Found],
    limit: int,
    *,
    out: Callable[[Found], Any],
    after: Callable[[Found], Sequence[str | int]],
) -> Page[Any]:
    """The page made of up to `limit + 1` rows: the extra row only says that there is more."""
    shown = found[:limit]
    more = len(found) > limit and bool(shown)
    cursor = Cursor(tuple(after(shown[-1]))).encode() if more else None
    return Page([out(row) for row in shown], cursor)


def _not_ours() -> Invalid:
    return Invalid(FieldError("cursor", "must be a cursor that an earlier page gave you"))
