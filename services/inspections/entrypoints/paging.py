"""What every list takes: a cursor and a limit."""

from dataclasses import dataclass

from shared.web.pages import checked_limit, decode_cursor


@dataclass(frozen=True, slots=True)
class Paging:
    """Start behind the id `after`, show `limit` items, fetch one more to know whether more come."""

    after: str
    limit: int

    @property
    def fetch(self) -> int:
        """How many rows to ask the database for."""
        return self.limit + 1


async def paging(cursor: str | None = None, limit: int | None = None) -> Paging:
    """Read both from the query string."""
    start = decode_cursor(cursor, 1)
    return Paging("" if start is None else str(start.after[0]), checked_limit(limit))
