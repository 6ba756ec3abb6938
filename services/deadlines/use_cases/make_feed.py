"""Somebody gets an address that a calendar program can read."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import uuid_utils

from services.deadlines.domain.feed import Scope
from services.deadlines.storage.feed_tables import FeedRow
from services.deadlines.storage.feeds import add_feed, keep_owner
from shared.access.principal import Principal
from shared.audit import record
from shared.transaction import Transaction

SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class MadeFeed:
    """A feed, and the secret of its address, which is told once and kept nowhere."""

    feed: FeedRow
    secret: str


def hash_of(secret: str) -> bytes:
    """What is kept of the secret of an address."""
    return sha256(secret.encode()).digest()


async def make_feed(
    tx: Transaction, owner: Principal, scope: Scope, name: str, areas: list[str], now: datetime
) -> MadeFeed:
    """Make it, and remember what its owner may see today."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    feed = FeedRow(
        id=str(uuid_utils.uuid7()),
        secret_hash=hash_of(secret),
        owner=owner.subject,
        scope=scope.value,
        name=name,
        areas=areas,
        made_at=now,
    )
    add_feed(tx.session, feed)
    await remember_owner(tx, owner, now)
    await record(
        tx,
        actor=owner.subject,
        act="feed.made",
        subject=f"feed:{feed.id}",
        now=now,
        after={"scope": feed.scope, "areas": areas},
    )
    return MadeFeed(feed, secret)


async def remember_owner(tx: Transaction, owner: Principal, now: datetime) -> None:
    """From now on the feeds of `owner` show what this token may see, and no more."""
    areas = sorted(owner.areas) if owner.areas is not None else None
    roles = sorted(role.value for role in owner.roles)
    await keep_owner(tx.session, owner.subject, roles, areas, now)
