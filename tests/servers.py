"""The real servers that tests share: started once a run, on free ports, in a temporary folder."""

import asyncio
import itertools
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import asyncpg

from deploy.local.kafka import EmbeddedKafka
from deploy.local.ports import free_ports
from deploy.local.postgres import EmbeddedPostgres
from shared.migrations import migrate

PARTNER = "fife"
PARTNER_PASSWORD = "a-password-of-the-tests"
# Nothing here outlives the machine, so only a crash of the machine could tell the difference.
HASTE = {"fsync": "off", "full_page_writes": "off", "max_connections": "300"}

Result = TypeVar("Result")


def run_apart(work: Coroutine[Any, Any, Result]) -> Result:
    """Runs a coroutine to its end in a loop of its own, also when this thread already runs one."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()


class PostgresServer(EmbeddedPostgres):
    """The tests' PostgreSQL: makes databases, and migrated ones as copies of a template."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, free_ports(1)[0], settings=HASTE)
        self._numbers = itertools.count(1)
        self._templates: set[str] = set()

    def create_database(self, name: str, *, template: str = "template0") -> str:
        """A new database of this name; answers its URL."""
        run_apart(
            self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        )
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Removes a database and whoever is still connected to it."""
        run_apart(self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))

    def fresh_database(self, service: str) -> str:
        """A database with the service's migrations applied and nothing in it."""
        name = f"{service}_{next(self._numbers)}"
        return self.create_database(name, template=self._migrated(service))

    def _migrated(self, service: str) -> str:
        template = f"{service}_template"
        if template not in self._templates:
            url = self.create_database(template)
            run_apart(migrate(url, f"services.{service}"))
            self._templates.add(template)
        return template

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self.url())
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


def kafka_server(folder: Path) -> EmbeddedKafka:
    """The tests' Kafka, with an account for one partner; not yet started."""
    port, controller, partners = free_ports(3)
    return EmbeddedKafka(
        folder, port, controller, partner_port=partners, partners={PARTNER: PARTNER_PASSWORD}
    )
