"""Who relays what: each shard belongs to one relay, under a lease with a fencing epoch."""

import math
import time
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database import Database
from shared.messaging.tables import SHARDS

# The database's clock alone decides when a lease has ended; relays' clocks may differ.
_SEEN = text(
    """INSERT INTO relay_members (owner, seen_at) VALUES (:me, clock_timestamp())
       ON CONFLICT (owner) DO UPDATE SET seen_at = clock_timestamp()"""
)
_FORGET_THE_GONE = text(
    "DELETE FROM relay_members WHERE seen_at < clock_timestamp() - make_interval(secs => :ttl * 10)"
)
_MEMBERS = text(
    """SELECT count(*) FROM relay_members
       WHERE seen_at > clock_timestamp() - make_interval(secs => :ttl)"""
)
_RENEW = text(
    """UPDATE relay_shards SET lease_until = clock_timestamp() + make_interval(secs => :ttl)
       WHERE owner = :me RETURNING shard, epoch"""
)
_TAKE = text(
    """UPDATE relay_shards SET owner = :me, epoch = epoch + 1,
              lease_until = clock_timestamp() + make_interval(secs => :ttl)
       WHERE shard IN (SELECT shard FROM relay_shards
                       WHERE owner IS NULL OR lease_until < clock_timestamp()
                       ORDER BY shard LIMIT :wanted FOR UPDATE SKIP LOCKED)
       RETURNING shard, epoch"""
)
_GIVE_BACK = text("UPDATE relay_shards SET owner = NULL WHERE owner = :me AND shard = ANY(:shards)")
_GIVE_BACK = _GIVE_BACK.bindparams(bindparam("shards", type_=ARRAY(BigInteger)))
_LEAVE = text("DELETE FROM relay_members WHERE owner = :me")


@dataclass
class Leases:
    """The shards one relay owns now, with the epoch it got each under."""

    me: str
    seconds: float
    epochs: dict[int, int] = field(default_factory=dict)
    _renewed: float = -math.inf

    def need_renewal(self) -> bool:
        """A third of the lease has passed since it was renewed."""
        return time.monotonic() - self._renewed > self.seconds / 3

    def hold(self) -> bool:
        """Whether the leases certainly still run: a process frozen past them must not send."""
        return time.monotonic() - self._renewed < self.seconds * 2 / 3

    async def renew(self, database: Database) -> None:
        """Prolong what is owned, and take or give back until the shards are shared fairly."""
        asked = time.monotonic()
        async with self._transaction(database) as connection:
            owned = await self._fair_share(connection)
        # Counted from before the statements: the lease can only be longer than we believe.
        self.epochs, self._renewed = owned, asked

    async def release(self, database: Database) -> None:
        """Leave at once, so that others need not wait for the leases to end."""
        async with self._transaction(database) as connection:
            await self._give_back(connection, self.epochs, 0)
            await connection.execute(_LEAVE, {"me": self.me})
        self.epochs, self._renewed = {}, -math.inf

    def _transaction(self, database: Database) -> AbstractAsyncContextManager[AsyncConnection]:
        # Renewal begins with two thirds of the lease to go: if we freeze in the middle of it, our
        # shards are free for others by the time that the lease ends.
        return database.begin_briefly(self.seconds / 3)

    async def _fair_share(self, connection: AsyncConnection) -> dict[int, int]:
        await connection.execute(_SEEN, {"me": self.me})
        await connection.execute(_FORGET_THE_GONE, {"ttl": self.seconds})
        members = await connection.scalar(_MEMBERS, {"ttl": self.seconds})
        owned = await self._rows(connection, _RENEW)
        share = math.ceil(SHARDS / max(1, members or 1))
        if len(owned) < share:
            owned |= await self._rows(connection, _TAKE, wanted=share - len(owned))
        return await self._give_back(connection, owned, share)

    async def _give_back(
        self, connection: AsyncConnection, owned: dict[int, int], share: int
    ) -> dict[int, int]:
        kept = dict(sorted(owned.items())[:share])
        excess = [shard for shard in owned if shard not in kept]
        if excess:
            await connection.execute(_GIVE_BACK, {"me": self.me, "shards": excess})
        return kept

    async def _rows(
        self, connection: AsyncConnection, statement: Any, **values: object
    ) -> dict[int, int]:
        rows = await connection.execute(statement, {"me": self.me, "ttl": self.seconds} | values)
        return {row.shard: row.epoch for row in rows}
