"""A system whose intake and deadlines reach everything through proxies, so that it can be away."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil

from deploy.local.children import Child
from deploy.local.spawner import Running
from tests.chaos.away_service import VARIANT
from tests.chaos.ground import ATTACKED, Ground, _started
from tests.chaos.killing import Orders
from tests.chaos.proxy import Proxy
from tests.deadlines.smtp_server import SmtpServer, smtp_server

READY_SECONDS = 90
STOP_SECONDS = 30


class FarGround(Ground):
    """The bus, the database, the mail server and the trace collector, each behind a proxy."""

    def __init__(self, folder: Path, mail: SmtpServer) -> None:
        super().__init__(folder)
        ports = self.system.ports
        self.mail = mail
        self.bus, self.database = Proxy(ports.bus), Proxy(ports.database)
        self.mail_way, self.collector = Proxy(mail.port), Proxy(ports.console)
        self.running: dict[str, Running] = {}
        self.variant: str | None = None
        self._tell_clients_of_the_proxy()

    async def start(self) -> None:
        """Everything, intake and deadlines as well."""
        for one in (self.bus, self.database, self.mail_way, self.collector):
            await one.start()
        await super().start()

    async def stop(self) -> None:
        """Everything."""
        await super().stop()
        for one in (self.bus, self.database, self.mail_way, self.collector):
            await one.stop()

    async def spawn(self, service: str, orders: Orders | None = None) -> Running:  # noqa: ARG002
        """One process of a service, as the variant wants it; it is not waited for."""
        given: dict[str, Any] = self.stack._environment(service)
        ports = self.system.ports
        url = self.system.database_url(service)
        given |= {
            "SCRUTINY_DATABASE_URL": url.replace(f":{ports.database}/", f":{self.database.port}/"),
            "SCRUTINY_KAFKA_BOOTSTRAP": f"127.0.0.1:{self.bus.port}",
            "SCRUTINY_MAIL_URL": f"smtp://127.0.0.1:{self.mail_way.port}",
            "SCRUTINY_TRACES_URL": f"http://127.0.0.1:{self.collector.port}/v1/traces",
            "SCRUTINY_SHUTDOWN_SECONDS": "20",
            VARIANT: self.variant or "",
        }
        log = self.home.logs / f"{service}.log"
        argv = ["tests.chaos.away_service", service]
        self.running[service] = await self.stack.spawner.run(service, argv, given, log)
        return self.running[service]

    async def end(self, service: str) -> tuple[int, float]:
        """SIGTERM; its exit code, and how many seconds it took."""
        loop = asyncio.get_running_loop()
        began, running = loop.time(), self.running[service]
        self.send(running, signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_SECONDS * 2):
                code = await running.ended()
        except TimeoutError:
            self.send(running, signal.SIGKILL)
            code = await running.ended()
        return code, loop.time() - began

    async def listens(self, service: str) -> None:
        """Return when it accepts connections."""
        async with asyncio.timeout(READY_SECONDS):
            while True:
                try:
                    _, writer = await asyncio.open_connection(
                        "127.0.0.1", self.system.ports.of(service)
                    )
                except OSError:
                    assert self.running[service].code is None, self.system.logs()
                    await asyncio.sleep(0.05)
                else:
                    return writer.close()

    def server(self, name: str) -> Child:
        """`postgres` or `kafka`."""
        return next(one for one in self.stack.children if one.name == name)

    def signal_server(self, name: str, number: signal.Signals) -> None:
        """To all of its processes."""
        pid = self.server(name).pid
        assert pid is not None
        first = psutil.Process(pid)
        for one in [first, *first.children(recursive=True)]:
            one.send_signal(number)

    async def kill_server(self, name: str) -> None:
        """As `kill -9` does it; it stays away until it is started again."""
        child = self.server(name)
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        async with asyncio.timeout(10):
            await child.ended()

    async def start_server(self, name: str) -> None:
        """As its keeper would."""
        await _started(self.server(name))

    def _tell_clients_of_the_proxy(self) -> None:
        made: Any = self.stack._kafka
        prepare, partners = made.prepare, made.listeners.partners

        def prepare_behind_a_proxy() -> None:
            prepare()
            told = f"INTERNAL://127.0.0.1:{self.bus.port},PARTNERS://127.0.0.1:{partners}"
            with made._properties.open("a") as properties:
                properties.write(f"advertised.listeners={told}\n")

        made.prepare = prepare_behind_a_proxy


@asynccontextmanager
async def far_ground(folder: Path) -> AsyncIterator[FarGround]:
    """A whole one, with a mail server."""
    async with smtp_server() as mail:
        made = FarGround(folder, mail)
        try:
            await made.start()
            yield made
        finally:
            await made.stop()


@asynccontextmanager
async def serving(ground: FarGround, variant: str | None = None) -> AsyncIterator[None]:
    """Intake and deadlines run during the block, as they are or as a variant of themselves."""
    ground.variant = variant
    for service in ATTACKED:
        await ground.spawn(service)
    try:
        for service in ATTACKED:
            await ground.listens(service)
        yield
    finally:
        for service in ATTACKED:
            await ground.end(service)
