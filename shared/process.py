"""One operating-system process of one service: serve, work, or both; stop cleanly or be stopped."""

import asyncio
import gc
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from typing import Any

import structlog
from granian.constants import Interfaces
from granian.server.embed import Server

from shared.log_lines import LINES
from shared.logs import setup_logs
from shared.migrations import migrate
from shared.operations.progress import progress_checks
from shared.settings import ServiceSettings
from shared.telemetry import setup_telemetry
from shared.web.app import ServiceApp, service_app
from shared.worker import Worker

MODES = ("all", "app", "worker", "migrate")

log = structlog.get_logger()

Command = Callable[[Any], Awaitable[None]]


def main(name: str, commands: Mapping[str, Command] | None = None) -> None:
    """`python -m services.NAME all|app|worker|migrate`, and the service's own commands."""
    offered = [*MODES, *(commands or {})]
    mode = sys.argv[1] if len(sys.argv) == 2 else None
    if mode not in offered:
        sys.exit(f"usage: python -m services.{name} {'|'.join(offered)}")
    sys.exit(run(name, mode, commands or {}))


def run(name: str, mode: str, commands: Mapping[str, Command] | None = None) -> int:
    """Do one thing for one service, with settings from the environment; answers the exit code."""
    settings = _part(name, "settings").Settings()
    setup_logs(settings)
    if commands and mode in commands:
        asyncio.run(_command(commands[mode], settings))
    elif mode == "migrate":
        asyncio.run(migrate(settings.database_url.get_secret_value(), f"services.{name}"))
    else:
        asyncio.run(_gathering_lines(_serve(name, mode, settings)))
    return 0


async def _gathering_lines(served: Awaitable[None]) -> None:
    with LINES.gathering():
        await served


async def _command(command: Command, settings: ServiceSettings) -> None:
    await command(settings)


async def _serve(name: str, mode: str, settings: ServiceSettings) -> None:
    """Run until told to stop; whatever hangs, the process ends within its shutdown time."""
    telemetry = setup_telemetry(settings)
    stopping = _stop_signals()
    worker = None if mode == "app" else _worker(name, settings)
    app = _health_only(settings, worker) if worker and mode == "worker" else _app(name, settings)
    server = Server(
        app,
        address=settings.http_host,
        port=settings.http_port,
        interface=Interfaces.ASGI,
        log_enabled=False,
        websockets=False,
    )
    serving = asyncio.create_task(server.serve())
    if worker is not None:
        await worker.start()
    # What was imported and put together stays: to look through it again and again would take the
    # garbage collector a tenth of a second each time, while every request waits.
    gc.freeze()
    log.info("process.started", mode=mode, port=settings.http_port)
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    _end_anyway_after(settings.shutdown_seconds)
    server.stop()
    await asyncio.wait({serving}, timeout=settings.shutdown_seconds / 2)
    if worker is not None:
        await worker.stop()
    telemetry.shutdown()
    log.info("process.stopped")
    if not stopping.done():
        serving.result()
        sys.exit("the HTTP server ended by itself")


def _health_only(settings: ServiceSettings, worker: Worker) -> ServiceApp:
    """What a worker process serves beside its work, for whoever watches over it."""
    checks = progress_checks(worker.transactions)
    return service_app(settings, title=f"{settings.service} worker", routes=[], health=checks)


def _stop_signals() -> "asyncio.Future[None]":
    loop = asyncio.get_running_loop()
    stopping: asyncio.Future[None] = loop.create_future()

    def stop() -> None:
        if not stopping.done():
            stopping.set_result(None)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    return stopping


def _end_anyway_after(seconds: float) -> None:
    """A client library that hangs must not keep the process: what it held is safe elsewhere."""
    timer = threading.Timer(seconds, os._exit, args=(3,))
    timer.daemon = True
    timer.start()


def _app(name: str, settings: ServiceSettings) -> ServiceApp:
    return _part(name, "app").build_app(settings)


def _worker(name: str, settings: ServiceSettings) -> Worker:
    return _part(name, "worker").build_worker(settings)


def _part(name: str, part: str) -> Any:
    return import_module(f"services.{name}.{part}")
