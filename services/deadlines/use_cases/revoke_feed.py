"""An address is read no more."""

from datetime import datetime

from services.deadlines.storage.feed_tables import FeedRow
from services.deadlines.storage.feeds import lock_feed
from shared.access.principal import Principal, Role
from shared.audit import record
from shared.errors import NotFound
from shared.transaction import Transaction


async def revoke_feed(tx: Transaction, feed_id: str, by: Principal, now: datetime) -> FeedRow:
    """For good, by its owner or by the chief inspector; doing it twice does nothing more."""
    feed = await lock_feed(tx.session, feed_id)
    if feed is None or not (feed.owner == by.subject or by.has(Role.CHIEF_INSPECTOR)):
        raise NotFound("There is no such feed.")
    if feed.revoked_at is None:
        feed.revoked_at, feed.revoked_by = now, by.subject
        await record(tx, actor=by.subject, act="feed.revoked", subject=f"feed:{feed.id}", now=now)
    return feed
