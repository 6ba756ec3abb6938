"""What the services' databases hold, read beside them."""

from typing import Any

import asyncpg

from tests.servers import run_apart
from tests.system.running import System


def rows(system: System, service: str, query: str, *values: Any) -> list[dict[str, Any]]:
    """Every row that one statement answers in a service's own database."""

    async def ask() -> list[dict[str, Any]]:
        connection = await asyncpg.connect(system.database_url(service))
        try:
            return [dict(row) for row in await connection.fetch(query, *values)]
        finally:
            await connection.close()

    return run_apart(ask())


def execute(system: System, service: str, *statements: str) -> None:
    """Changes a service's database behind its back."""

    async def act() -> None:
        connection = await asyncpg.connect(system.database_url(service))
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    run_apart(act())
