"""What a start does to the servers: databases and roles, migrations, topics, partners' rights.

`python -m deploy.local.provision databases|bus`, told what to do by `SCRUTINY_PROVISION` (JSON),
because what it is told holds passwords. It is repeatable, and quick when nothing is to be done.
"""

import asyncio
import json
import os
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError

from deploy.kafka.make_topics import make_topics
from deploy.local.failures import Unreachable
from deploy.local.home import CHECKOUT
from deploy.local.partner_access import allow_partners
from shared.migrations import migrate

MOST_COPIES = 3


async def databases(told: Mapping[str, Any]) -> None:
    """Gives every service a role and a database of its own, with its migrations applied."""
    connection = await _connect(told["admin_url"])
    try:
        for wanted in told["services"]:
            await _role(connection, wanted["database"], wanted["password"])
            await _database(connection, wanted["database"])
    finally:
        await connection.close()
    # One after the other: Alembic's operations are bound to one connection at a time.
    for one in _migrated(told["services"]):
        await migrate(one["url"], f"services.{one['name']}")


async def bus(told: Mapping[str, Any]) -> None:
    """Makes the topics of the map, with as many copies as the cluster can hold (at most three)."""
    copies = min(MOST_COPIES, await _brokers(told["bootstrap"]))
    partners = told["partners"]
    await make_topics(told["bootstrap"], partners, copies, max(1, copies - 1))
    if told["embedded"]:
        await allow_partners(told["bootstrap"], partners)


def _migrated(services: list[dict[str, str]]) -> list[dict[str, str]]:
    """Those that have migrations; a service without tables of its own has none."""
    rooms = Path(CHECKOUT, "services")
    return [one for one in services if (rooms / one["name"] / "storage" / "migrations").is_dir()]


async def _connect(url: str) -> asyncpg.Connection:
    try:
        return await asyncpg.connect(url, timeout=10)
    except (OSError, TimeoutError) as error:
        where = urlsplit(url)
        raise Unreachable(f"No PostgreSQL answers at {where.hostname}:{where.port}.") from error


async def _role(connection: asyncpg.Connection, name: str, password: str) -> None:
    known = await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", name)
    verb = "ALTER" if known else "CREATE"
    await connection.execute(f"{verb} ROLE {name} LOGIN PASSWORD '{password}'")


async def _database(connection: asyncpg.Connection, name: str) -> None:
    if await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
        return
    await connection.execute(f"CREATE DATABASE {name} OWNER {name}")
    await connection.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")


async def _brokers(bootstrap: str) -> int:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=15_000)
    try:
        await admin.start()
    except KafkaConnectionError as error:
        raise Unreachable(f"No Kafka answers at {bootstrap}.") from error
    try:
        return len((await admin.describe_cluster())["brokers"])
    finally:
        await admin.close()


def main(what: str) -> None:
    """Does it; what goes wrong becomes the last line of the log."""
    told = json.loads(os.environ.pop("SCRUTINY_PROVISION"))
    try:
        asyncio.run({"databases": databases, "bus": bus}[what](told))
    except Unreachable as failure:
        sys.exit(str(failure))
    except Exception as error:  # noqa: BLE001  (whatever it is, people get one line of it)
        traceback.print_exc()
        sys.exit(f"{type(error).__name__}: {str(error).splitlines()[0]}")


if __name__ == "__main__":
    main(sys.argv[1])
