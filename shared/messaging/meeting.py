"""A bus is met: one that is another than before gets every retained event again, in order."""

from sqlalchemy import text

from shared.database import Database

# So many that a step ends long before any time-out, however much is retained.
STEP = 20_000
# Who freezes between two statements keeps every other relay from settling anything for so long.
FROZEN_SECONDS = 3.0
# Remembered between the old bus and the new: whatever is settled or sent meanwhile counts for
# neither, and who finds it left behind by a relay that died begins again.
_BETWEEN = ""

_BUS = text("SELECT cluster_id FROM relay_bus WHERE one = 1 FOR UPDATE")
_NEW_BUS = text(
    "UPDATE relay_bus SET cluster_id = :cluster, since = clock_timestamp() WHERE one = 1"
)
_SEND_AGAIN = text(
    """WITH part AS (
           SELECT position FROM outbox WHERE position > :after ORDER BY position LIMIT :step),
       again AS (
           UPDATE outbox SET sent_at = NULL
           WHERE position IN (SELECT position FROM part) AND sent_at IS NOT NULL RETURNING 1)
       SELECT (SELECT max(position) FROM part), (SELECT count(*) FROM again)"""
)


async def meet_bus(database: Database, cluster: str) -> int:
    """Remember the cluster, once every retained event is to be sent to it.

    Answers how many events will be sent again.
    """
    async with database.begin_briefly(FROZEN_SECONDS) as connection:
        known = await connection.scalar(_BUS)
        another = known not in {None, cluster}
        await connection.execute(_NEW_BUS, {"cluster": _BETWEEN if another else cluster})
    return await _send_all_again(database, cluster) if another else 0


async def _send_all_again(database: Database, cluster: str) -> int:
    again, after = 0, 0
    while after is not None:
        async with database.begin_briefly(FROZEN_SECONDS) as connection:
            if await connection.scalar(_BUS) == cluster:
                return again  # another relay was quicker, and events are on their way
            asked = {"after": after, "step": STEP}
            after, count = (await connection.execute(_SEND_AGAIN, asked)).one()
            if after is None:
                await connection.execute(_NEW_BUS, {"cluster": cluster})
        again += count
    return again
