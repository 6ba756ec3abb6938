"""The parts of the local system and the order they are started and stopped in."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from deploy.local.addresses import PARTNERS, SERVICES
from deploy.local.children import Child, ServerChild, ServiceChild
from deploy.local.environment import database_name, service_environment
from deploy.local.failures import NotReady, StackFailure
from deploy.local.kafka import EmbeddedKafka
from deploy.local.keys import secret_of
from deploy.local.plan import Plan
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.processes import tail
from deploy.local.spawner import Spawner


class Stack:
    """PostgreSQL, Kafka and the five services of one plan."""

    def __init__(
        self, plan: Plan, on_step: Callable[[str], None], on_zygote_lost: Callable[[], None]
    ) -> None:
        self._plan = plan
        self._home = plan.home
        self._on_step = on_step
        self.spawner = Spawner(self._log("zygote"), on_zygote_lost)
        self.children: list[Child] = []
        self._postgres = self._embedded_postgres() if plan.database is None else None
        self._kafka = self._embedded_kafka() if plan.bus is None else None

    async def start(self) -> None:
        """Servers first, side by side with loading the code; then what they hold; then services."""
        await self.spawner.start()
        await _together(self._loaded(), self._start_database(), self._start_bus())
        await _together(
            self._sample(), *(self._start_service(name) for name in self._plan.services)
        )

    async def stop(self, service_seconds: float, server_seconds: float) -> None:
        """Services first, so that they can still say goodbye to their servers."""
        services = [child for child in self.children if isinstance(child, ServiceChild)]
        servers = [child for child in self.children if isinstance(child, ServerChild)]
        await asyncio.gather(*(child.stop(service_seconds) for child in services))
        await asyncio.gather(*(child.stop(server_seconds) for child in servers))
        await self.spawner.stop()

    async def _loaded(self) -> None:
        await self.spawner.ready()
        self._on_step("Code loaded")

    async def _start_database(self) -> None:
        if self._postgres is not None:
            await self._start_server("postgres", self._postgres)
            self._on_step("PostgreSQL ready")
        await self._provision("databases", {"admin_url": self._admin_url, "services": self._users})
        self._on_step("Databases and migrations up to date")

    async def _start_bus(self) -> None:
        if self._kafka is not None:
            kafka = await self._start_server("kafka", self._kafka)
            self._on_step("Kafka ready")
            kafka.fill = self._make_topics
        await self._make_topics()
        self._on_step("Topics up to date")

    async def _make_topics(self) -> None:
        told = {"bootstrap": self._bus, "partners": PARTNERS, "embedded": self._plan.bus is None}
        await self._provision("bus", told)

    async def _start_server(
        self, name: str, server: EmbeddedPostgres | EmbeddedKafka
    ) -> ServerChild:
        child = ServerChild(name, self._log(name), server)
        self.children.append(child)
        await child.start()
        return child

    async def _start_service(self, name: str) -> None:
        port = self._plan.ports.of(name)
        child = ServiceChild(name, self._log(name), self.spawner, self._environment(name), port)
        self.children.append(child)
        await child.start()
        self._on_step(f"{name} ready")

    async def _sample(self) -> None:
        if self._home.sample_mark.exists():
            return
        argv = ["services.directory", "sample"]
        await self._run_to_end("sample-data", argv, self._environment("directory"))
        self._home.sample_mark.touch()
        self._on_step("Sample data loaded")

    async def _provision(self, what: str, told: dict[str, Any]) -> None:
        environment = {"SCRUTINY_PROVISION": json.dumps(told)}
        argv = ["deploy.local.provision", what]
        await self._run_to_end(what, argv, environment)

    async def _run_to_end(self, name: str, argv: list[str], environment: dict[str, str]) -> None:
        log = self._log(name)
        running = await self.spawner.run(name, argv, environment, log)
        if await running.ended():
            raise NotReady(f"{name} failed: {tail(log)} (more in {log})")

    def _environment(self, service: str) -> dict[str, str]:
        url = self._service_url(service)
        ports = self._plan.ports
        return service_environment(self._home, ports, service, database_url=url, bus=self._bus)

    @property
    def _bus(self) -> str:
        return self._plan.bus or f"127.0.0.1:{self._plan.ports.bus}"

    @property
    def _admin_url(self) -> str:
        if self._postgres is not None:
            return self._postgres.url()
        if self._plan.database is None:
            raise StackFailure("There is neither an embedded PostgreSQL nor an address of one.")
        return self._plan.database

    @property
    def _users(self) -> list[dict[str, str]]:
        return [
            {
                "name": service,
                "database": database_name(service),
                "password": secret_of(self._home, "databases", service),
                "url": self._service_url(service),
            }
            for service in SERVICES
        ]

    def _service_url(self, service: str) -> str:
        """The server of the administrator's address, with the service's own role and database."""
        there = urlsplit(self._admin_url)
        password = quote(secret_of(self._home, "databases", service))
        role = database_name(service)
        host = there.netloc.rpartition("@")[2]
        return urlunsplit((there.scheme, f"{role}:{password}@{host}", role, there.query, ""))

    def _embedded_postgres(self) -> EmbeddedPostgres:
        log = self._log("postgres")
        return EmbeddedPostgres(self._home.postgres, self._plan.ports.database, log=log)

    def _embedded_kafka(self) -> EmbeddedKafka:
        ports = self._plan.ports
        return EmbeddedKafka(
            self._home.kafka,
            ports.bus,
            ports.controller,
            partner_port=ports.partners,
            partners={name: secret_of(self._home, "partners", name) for name in PARTNERS},
            log=self._log("kafka"),
            say=self._on_step,
        )

    def _log(self, name: str) -> Path:
        return self._home.logs / f"{name}.log"


async def _together(*work: Coroutine[Any, Any, None]) -> None:
    """Runs all at once; the first failure ends the others and is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            for one in work:
                group.create_task(one)
    except BaseExceptionGroup as failures:
        first: BaseException = failures
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        raise first from failures
