"""The ceiling of intake: what one would write by hand if nothing were promised but durability.

Litestar on granian, asyncpg, one transaction with two inserts of rows as large as ours. It checks
nobody's token, no rule and no repeat; it encrypts nothing, traces nothing and logs nothing.
"""

import asyncio
import os
import signal
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import msgspec
from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar, get, post
from litestar.datastructures import State

POOL_SIZE = 16
TABLES = """
    CREATE TABLE bare_notifications (
        id text PRIMARY KEY, reference text NOT NULL, kind text NOT NULL, area text NOT NULL,
        status text NOT NULL, occurred_at timestamptz NOT NULL, received_at timestamptz NOT NULL,
        version integer NOT NULL, sent_by text NOT NULL, key bytea NOT NULL, body bytea NOT NULL);
    CREATE TABLE bare_outbox (
        position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id text NOT NULL,
        topic text NOT NULL, key text NOT NULL, type text NOT NULL, subject text NOT NULL,
        body bytea NOT NULL, created_at timestamptz NOT NULL);
"""
_NOTIFICATION = "INSERT INTO bare_notifications VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)"
_EVENT = """INSERT INTO bare_outbox (event_id, topic, key, type, subject, body, created_at)
            VALUES ($1,$2,$3,$4,$5,$6,$7)"""
_KEY = bytes(80)


@get("/health/live")
async def live() -> None:
    """Up."""


@post("/notifications")
async def notify(data: dict[str, Any], state: State) -> dict[str, Any]:
    """Two rows in one transaction."""
    now, made, event = datetime.now(UTC), str(uuid4()), str(uuid4())
    reference = f"SS-{now.year}-{made[:8]}"
    occurred = datetime.fromisoformat(data["occurred_at"])
    row = (made, reference, data["kind"], data["area"], "received", occurred, now, 1, "somebody",
           _KEY, msgspec.json.encode(data))  # fmt: skip
    told = {"reference": reference, "kind": data["kind"], "area": data["area"],
            "occurred_at": occurred, "aware_at": occurred, "received_at": now}  # fmt: skip
    sent = (event, "intake.notifications.v1", made, "scot.scrutiny.notification.received.v1",
            reference, msgspec.json.encode(told), now)  # fmt: skip
    async with state.pool.acquire() as connection, connection.transaction():
        await connection.execute(_NOTIFICATION, *row)
        await connection.execute(_EVENT, *sent)
    return {"reference": reference, "status": "received", "received_at": now}


async def _serve() -> None:
    pool = await asyncpg.create_pool(os.environ["SCRUTINY_DATABASE_URL"], max_size=POOL_SIZE)
    app = Litestar([live, notify], state=State({"pool": pool}), openapi_config=None)
    port = int(os.environ["SCRUTINY_HTTP_PORT"])
    server = Server(app, port=port, interface=Interfaces.ASGI, log_enabled=False, websockets=False)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop)
    await server.serve()
    await pool.close()


if __name__ == "__main__":
    asyncio.run(_serve())
