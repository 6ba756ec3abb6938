"""Pages of a list: an opaque cursor says where the next one starts."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from msgspec import Meta, Struct

from shared.errors import FieldError, Invalid

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
LONGEST_CURSOR = 1024

# What a cursor may hold, each with the bounds of the column it is compared with.
Moment = Annotated[datetime, Meta(tz=True)]
Position = Annotated[int, Meta(ge=0, le=2**63 - 1)]

Item = TypeVar("Item")
Found = TypeVar("Found")


class Page(Struct, Generic[Item], frozen=True):
    """One page; `next` is the cursor of the page after it, null on the last."""

    items: list[Item]
    next: str | None


@dataclass(frozen=True, slots=True)
class Paging:
    """For a list ordered by one text: start behind `after`, show `limit` items."""

    after: str
    limit: int

    @property
    def fetch(self) -> int:
        """How many rows to ask the database for: one more says whether more come."""
        return self.limit + 1


async def paging(cursor: str | None = None, limit: int | None = None) -> Paging:
    """Read both from the query string (a dependency of routes)."""
    found = place(cursor, tuple[str])
    return Paging(found[0] if found else "", checked_limit(limit))


def place(cursor: str | None, wanted: Any) -> Any:
    """Where the page before ended, as the tuple type `wanted`; None on the first page.

    Whatever no page of ours can have given is refused; moments come in UTC.
    """
    if not cursor:
        return None
    try:
        found = msgspec.json.decode(_decoded(cursor[:LONGEST_CURSOR]), type=wanted)
        return tuple(_utc(value) for value in found)
    except (NotBase64, UnicodeError, msgspec.MsgspecError, OverflowError) as error:
        raise Invalid(
            FieldError("cursor", "must be a cursor that an earlier page gave you")
        ) from error


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
    after: Callable[[Found], Sequence[str | int | datetime]],
    otherwise: Sequence[str | int | datetime] | None = None,
) -> Page[Any]:
    """The page made of up to `limit + 1` rows: the extra row only says that there is more.

    Without it the list goes on at `otherwise`, where its rest has not been looked through.
    """
    shown = found[:limit]
    more = len(found) > limit and bool(shown)
    behind = after(shown[-1]) if more else otherwise
    return Page([out(row) for row in shown], _encoded(tuple(behind)) if behind else None)


def _encoded(values: tuple[object, ...]) -> str:
    """The cursor as callers carry it; they are promised nothing about its inside."""
    return urlsafe_b64encode(msgspec.json.encode(values)).decode().rstrip("=")


def _decoded(cursor: str) -> bytes:
    return urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))


def _utc(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value
