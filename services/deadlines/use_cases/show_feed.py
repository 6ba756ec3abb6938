"""What a calendar program reads at an address."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.deadlines.domain.feed import Entry, Scope, areas_shown
from services.deadlines.storage.feeds import entries, find_owner, read_feed
from services.deadlines.use_cases.make_feed import hash_of
from shared.access.principal import CASE_READERS
from shared.errors import NotFound, Refused
from shared.transaction import Transaction

# Nobody's rights are known for longer than this without a token of theirs having been seen.
OWNER_KNOWN_FOR = timedelta(days=35)
# A program that asks more often is told to wait.
WINDOW, READS_A_WINDOW = timedelta(minutes=10), 20


class TooOften(Refused):
    """A program asks again and again for what changes a few times a day."""

    status = 429
    title = "This is asked for too often"
    headers = {"Retry-After": str(int(WINDOW.total_seconds()))}  # noqa: RUF012


@dataclass(frozen=True, slots=True)
class ShownFeed:
    """A feed as its owner may see it today."""

    name: str
    entries: list[Entry]


async def show_feed(tx: Transaction, secret: str, now: datetime) -> ShownFeed | None:
    """The clocks its owner may see; None for a program that asks too often.

    No such address, one that was revoked, and one whose owner was long not heard of are the same.
    """
    feed = await read_feed(tx.session, hash_of(secret), now, WINDOW)
    owner = await find_owner(tx.session, feed.owner) if feed else None
    if feed is None or owner is None or not _still(owner.roles, owner.seen_at, now):
        raise NotFound("There is no such feed.")
    if feed.reads > READS_A_WINDOW:
        return None
    seen = frozenset(owner.areas) if owner.areas is not None else None
    areas = areas_shown(Scope(feed.scope), frozenset(feed.areas), seen)
    return ShownFeed(feed.name, await entries(tx.session, areas, now))


def _still(roles: list[str], seen_at: datetime, now: datetime) -> bool:
    reads = not {role.value for role in CASE_READERS}.isdisjoint(roles)
    return reads and now - seen_at <= OWNER_KNOWN_FOR
