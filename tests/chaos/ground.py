"""Where the attacks take place: a whole local system whose attacked services are started here.

PostgreSQL, Kafka, the console with its issuer, directory and inspections are started as `make run`
starts them, intake and deadlines as the attacks want them: forks of one loaded process, so that a
restart costs half a second.
"""

import asyncio
import os
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import asyncpg

from deploy.local.addresses import Ports
from deploy.local.children import Child, wait_before
from deploy.local.environment import database_name
from deploy.local.failures import StackFailure
from deploy.local.kafka import EmbeddedKafka
from deploy.local.plan import Plan, make_ready
from deploy.local.ports import free_port_base
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.spawner import Running
from deploy.local.stack import Stack
from tests.chaos.killing import Orders
from tests.servers import HASTE
from tests.system.running import System

ATTACKED = ("intake", "deadlines")
# A broker refuses sessions shorter than six seconds unless told otherwise.
SHORT_SESSIONS = "group.min.session.timeout.ms=500\n"


class Ground:
    """One system; `fresh` empties it between two attacks."""

    def __init__(self, folder: Path) -> None:
        self.system = System(folder)
        self.folder = folder
        self.home = self.system.home
        self.home.make()
        ports = Ports.from_base(free_port_base())
        plan = Plan(self.home, ports, without=ATTACKED)
        make_ready(plan)
        self.stack = _Stack(plan, lambda _: None, lambda: None)
        # A process that has stopped answering is told from one that is slow by its exit code.
        self.settings: Mapping[str, str] = {"SCRUTINY_SHUTDOWN_SECONDS": "20"}

    async def start(self) -> None:
        """Everything but the attacked services; call from the main thread."""
        await self.stack.start()
        for service in ATTACKED:
            name = database_name(service)
            await self.administer(f"CREATE DATABASE {name}_empty TEMPLATE {name}")

    async def stop(self) -> None:
        """Everything."""
        await self.stack.stop(5, 10)

    async def fresh(self) -> None:
        """Databases as migrations leave them, and no mails; the attacked services are stopped."""
        for service in ATTACKED:
            name = database_name(service)
            await self.administer(
                f"DROP DATABASE {name} WITH (FORCE)",
                f"CREATE DATABASE {name} OWNER {name} TEMPLATE {name}_empty",
                f"REVOKE ALL ON DATABASE {name} FROM PUBLIC",
            )
        shutil.rmtree(self.home.mails)
        self.home.mails.mkdir(mode=0o700)

    async def spawn(self, service: str, orders: Orders) -> Running:
        """One process of a service, under orders; it is not waited for."""
        given: dict[str, Any] = self.stack._environment(service) | dict(self.settings)
        # The load would drown in its own spans.
        del given["SCRUTINY_TRACES_URL"]
        argv = ["tests.chaos.killing", f"services.{service}", "all"]
        log = self.home.logs / f"{service}.log"
        environment = given | orders.environment()
        return await self.stack.spawner.run(service, argv, environment, log)

    def send(self, running: Running, number: signal.Signals) -> None:
        """A signal to a process that was spawned here."""
        self.stack.spawner.signal(running.pid, number)

    async def kill(self, name: str) -> None:
        """SIGKILL to a server, or to a service that is not attacked from within; then start it."""
        child = next(one for one in self.stack.children if one.name == name)
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        async with asyncio.timeout(10):
            await child.ended()
        await _started(child)

    async def administer(self, *statements: str) -> None:
        """Statements as the database's superuser."""
        server: Any = self.stack._postgres
        connection = await asyncpg.connect(server.url())
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    async def rows(self, service: str, query: str, *values: Any) -> list[asyncpg.Record]:
        """What a service's own database answers."""
        connection = await asyncpg.connect(self.system.database_url(service), timeout=30)
        try:
            return await connection.fetch(query, *values)
        finally:
            await connection.close()


class _Stack(Stack):
    """The local stack with a database that does not wait for disks, and short sessions."""

    def _embedded_postgres(self) -> EmbeddedPostgres:
        log, port = self._log("postgres"), self._plan.ports.database
        return EmbeddedPostgres(self._home.postgres, port, log=log, settings=HASTE)

    def _embedded_kafka(self) -> EmbeddedKafka:
        made = super()._embedded_kafka()
        prepare = made.prepare

        def prepare_for_short_sessions() -> None:
            prepare()
            with made._properties.open("a") as properties:
                properties.write(SHORT_SESSIONS)

        made.prepare = prepare_for_short_sessions
        return made


async def _started(child: Child) -> None:
    """As its keeper would start it again."""
    for attempt in range(6):
        try:
            await child.start()
        except StackFailure:
            await asyncio.sleep(wait_before(attempt))
        else:
            return
    await child.start()
